package dev.belljar.namespaces.net;

import dev.belljar.linux.LinuxException;
import dev.belljar.linux.netlink.MessageWriter;
import dev.belljar.linux.netlink.NetlinkMessage;
import dev.belljar.linux.netlink.NetlinkSocket;
import dev.belljar.linux.uapi.Uapi;
import dev.belljar.linux.uapi.ifaddrmsg;
import java.util.List;
import java.util.function.Consumer;

/**
 * The IP addresses of a network namespace.
 *
 * @see <a href="https://man7.org/linux/man-pages/man8/ip-address.8.html">ip-address(8)</a>
 */
public final class Addresses {
  private static final int LONGEST_WITH_BROADCAST = 30;

  private final NetlinkSocket socket;

  Addresses(NetlinkSocket socket) {
    this.socket = socket;
  }

  /**
   * Lists all addresses of all links.
   *
   * @return the addresses, IPv4 first
   * @throws LinuxException when the kernel refuses
   */
  public List<LinkAddress> all() {
    return dump().stream().map(LinkAddress::of).toList();
  }

  List<NetlinkMessage> dump() {
    return socket.dump(
        NetlinkMessage.request(
            "RTM_GETADDR",
            Uapi.RTM_GETADDR(),
            0,
            writer -> writer.struct(ifaddrmsg.layout(), _ -> {})));
  }

  /**
   * Lists the addresses of a link.
   *
   * @param link the link
   * @return its addresses
   * @throws LinuxException when the kernel refuses
   */
  public List<LinkAddress> of(Link link) {
    return all().stream().filter(address -> address.link() == link.index()).toList();
  }

  /**
   * Gives a link an address, and with it a route to its network. An IPv6 address of a link that is
   * up is first checked for doubles, which takes a second or two.
   *
   * @param link the link
   * @param address the address with its network's prefix
   * @throws LinuxException EEXIST when it has it
   */
  public void add(Link link, IpNetwork address) {
    add(link, address, 0);
  }

  /**
   * Gives a link an address that can be used at once, since nobody else can have it.
   *
   * @param link the link
   * @param address the address with its network's prefix
   * @throws LinuxException EEXIST when it has it
   */
  public void addUnchecked(Link link, IpNetwork address) {
    add(link, address, Rtnetlink.IFA_F_NODAD);
  }

  private void add(Link link, IpNetwork address, int flags) {
    add(
        "RTM_NEWADDR " + address + " dev " + link.name(),
        writer -> {
          write(writer, link, address);
          writer.u32(Uapi.IFA_FLAGS(), flags);
          if (!address.isV6() && address.prefix() <= LONGEST_WITH_BROADCAST) {
            long last = address.size().longValueExact() - 1;
            writer.bytes(Uapi.IFA_BROADCAST(), address.at(last).getAddress());
          }
        });
  }

  void add(String text, Consumer<MessageWriter> content) {
    int flags = Uapi.NLM_F_CREATE() | Uapi.NLM_F_EXCL();
    socket.request(NetlinkMessage.request(text, Uapi.RTM_NEWADDR(), flags, content));
  }

  /**
   * Takes an address from a link.
   *
   * @param link the link
   * @param address the address with its network's prefix
   * @throws LinuxException EADDRNOTAVAIL when it does not have it
   */
  public void remove(Link link, IpNetwork address) {
    String text = "RTM_DELADDR " + address + " dev " + link.name();
    socket.request(
        NetlinkMessage.request(
            text, Uapi.RTM_DELADDR(), 0, writer -> write(writer, link, address)));
  }

  private static void write(MessageWriter writer, Link link, IpNetwork address) {
    byte[] bytes = address.address().getAddress();
    writer
        .struct(
            ifaddrmsg.layout(),
            memory -> {
              ifaddrmsg.ifa_family(
                  memory, (byte) (address.isV6() ? Rtnetlink.AF_INET6 : Rtnetlink.AF_INET));
              ifaddrmsg.ifa_prefixlen(memory, (byte) address.prefix());
              ifaddrmsg.ifa_index(memory, link.index());
            })
        .bytes(Uapi.IFA_LOCAL(), bytes)
        .bytes(Uapi.IFA_ADDRESS(), bytes);
  }
}
