package dev.belljar.namespaces.net;

import dev.belljar.linux.LinuxException;
import dev.belljar.linux.netlink.MessageWriter;
import dev.belljar.linux.netlink.NetlinkMessage;
import dev.belljar.linux.netlink.NetlinkSocket;
import dev.belljar.linux.uapi.Uapi;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;

/**
 * The neighbours of a network namespace: who is on its links, by ARP and neighbour discovery.
 *
 * @see <a href="https://man7.org/linux/man-pages/man8/ip-neighbour.8.html">ip-neighbour(8)</a>
 */
public final class Neighbours {
  static final int PERMANENT = 0x80; // NUD_PERMANENT

  /** {@code struct ndmsg}: family, padding, index, state, flags, type. */
  static final MemoryLayout HEADER =
      MemoryLayout.structLayout(
          ValueLayout.JAVA_BYTE,
          MemoryLayout.paddingLayout(3),
          ValueLayout.JAVA_INT,
          ValueLayout.JAVA_SHORT,
          ValueLayout.JAVA_BYTE,
          ValueLayout.JAVA_BYTE);

  private static final int INDEX = 4;
  private static final int STATE = 8;

  private final NetlinkSocket socket;

  Neighbours(NetlinkSocket socket) {
    this.socket = socket;
  }

  static int index(MemorySegment header) {
    return header.get(ValueLayout.JAVA_INT, INDEX);
  }

  static int state(MemorySegment header) {
    return header.get(ValueLayout.JAVA_SHORT, STATE) & 0xffff;
  }

  /**
   * Lists the neighbours of all links.
   *
   * @return the neighbours
   * @throws LinuxException when the kernel refuses
   */
  public List<Neighbour> all() {
    return socket
        .dump(
            NetlinkMessage.request(
                "RTM_GETNEIGH",
                Rtnetlink.RTM_GETNEIGH,
                0,
                writer -> writer.struct(HEADER, _ -> {})))
        .stream()
        .map(Neighbour::of)
        .flatMap(Optional::stream)
        .toList();
  }

  /**
   * Sets a neighbour's hardware address for good, in place of one that was learned.
   *
   * @param link the link it is on
   * @param address its IP address
   * @param hardware its hardware address
   * @throws LinuxException when the kernel refuses
   */
  public void set(Link link, InetAddress address, MacAddress hardware) {
    String text = "RTM_NEWNEIGH " + address.getHostAddress() + " dev " + link.name();
    socket.request(
        NetlinkMessage.request(
            text,
            Rtnetlink.RTM_NEWNEIGH,
            Uapi.NLM_F_CREATE() | Uapi.NLM_F_REPLACE(),
            writer -> {
              write(writer, link, address);
              writer.bytes(Rtnetlink.NDA_LLADDR, hardware.bytes());
            }));
  }

  /**
   * Forgets a neighbour.
   *
   * @param link the link it is on
   * @param address its IP address
   * @throws LinuxException ENOENT when there is none
   */
  public void remove(Link link, InetAddress address) {
    String text = "RTM_DELNEIGH " + address.getHostAddress() + " dev " + link.name();
    socket.request(
        NetlinkMessage.request(
            text, Rtnetlink.RTM_DELNEIGH, 0, writer -> write(writer, link, address)));
  }

  private static void write(MessageWriter writer, Link link, InetAddress address) {
    boolean v6 = address instanceof Inet6Address;
    writer
        .struct(
            HEADER,
            memory -> {
              memory.set(
                  ValueLayout.JAVA_BYTE, 0, (byte) (v6 ? Rtnetlink.AF_INET6 : Rtnetlink.AF_INET));
              memory.set(ValueLayout.JAVA_INT, INDEX, link.index());
              memory.set(ValueLayout.JAVA_SHORT, STATE, (short) PERMANENT);
            })
        .bytes(Rtnetlink.NDA_DST, address.getAddress());
  }
}
