package dev.belljar.namespaces.net;

import dev.belljar.linux.LinuxException;
import dev.belljar.linux.netlink.Attribute;
import dev.belljar.linux.netlink.MessageWriter;
import dev.belljar.linux.netlink.NetlinkMessage;
import dev.belljar.linux.netlink.NetlinkSocket;
import dev.belljar.linux.uapi.Uapi;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.function.Consumer;

/**
 * The traffic control of a network namespace: in which order, and how fast, what links send leaves.
 *
 * {@snippet :
 * TrafficControl control = network.trafficControl();
 * TrafficHandle root = TrafficHandle.of(1, 0);
 * control.htb(link, root, 0x10);
 * control.htbClass(link, root, TrafficHandle.of(1, 0x10), 1_000_000, 10_000_000);
 * control.fqCodel(link, TrafficHandle.of(1, 0x10), TrafficHandle.of(0x10, 0));
 * control.cgroupClassifier(link, root);
 * }
 *
 * @see <a href="https://man7.org/linux/man-pages/man8/tc.8.html">tc(8)</a>
 */
public final class TrafficControl {
  /** {@code struct tcmsg}: family, padding, index, handle, parent, info. */
  private static final MemoryLayout HEADER = MemoryLayout.sequenceLayout(5, ValueLayout.JAVA_INT);

  private static final int INDEX = 4;
  private static final int HANDLE = 8;
  private static final int PARENT = 12;
  private static final int INFO = 16;
  private static final int KIND = 1; // TCA_KIND
  private static final int OPTIONS = 2; // TCA_OPTIONS
  private static final long INGRESS = 0xffff_fff1L; // TC_H_INGRESS
  private static final int ANY_PROTOCOL = 0x0003; // ETH_P_ALL
  private static final int IPV4 = 0x0800; // ETH_P_IP
  private static final int IPV6 = 0x86dd; // ETH_P_IPV6
  private static final int SOURCE4 = 12;
  private static final int TARGET4 = 16;
  private static final int SOURCE6 = 8;
  private static final int TARGET6 = 24;

  private final NetlinkSocket socket;

  TrafficControl(NetlinkSocket socket) {
    this.socket = socket;
  }

  /**
   * A queueing discipline.
   *
   * @param link the index of its link
   * @param kind such as {@code htb}
   * @param handle its number
   * @param parent the class it is in, or {@link TrafficHandle#ROOT}
   */
  public record Discipline(int link, String kind, TrafficHandle handle, TrafficHandle parent) {}

  /**
   * Lists the queueing disciplines of all links.
   *
   * @return the disciplines, those included that the kernel gave by itself
   * @throws LinuxException when the kernel refuses
   */
  public List<Discipline> disciplines() {
    return socket
        .dump(
            NetlinkMessage.request(
                "RTM_GETQDISC",
                Rtnetlink.RTM_GETQDISC,
                0,
                writer -> writer.struct(HEADER, _ -> {})))
        .stream()
        .map(message ->
            new Discipline(
                message.body().get(ValueLayout.JAVA_INT, INDEX),
                message.attributes(HEADER.byteSize()).get(KIND).map(Attribute::text).orElse(""),
                TrafficHandle.ofNumber(message.body().get(ValueLayout.JAVA_INT, HANDLE)),
                TrafficHandle.ofNumber(message.body().get(ValueLayout.JAVA_INT, PARENT))))
        .toList();
  }

  /**
   * Limits everything that a link sends; tc-tbf(8).
   *
   * @param link the link
   * @param bytesPerSecond the rate, 1000 or more
   * @throws LinuxException when the kernel refuses
   */
  public void tbf(Link link, long bytesPerSecond) {
    discipline(
        link,
        "tbf",
        TrafficHandle.of(1, 0),
        TrafficHandle.ROOT,
        TrafficOptions.tbf(bytesPerSecond));
  }

  /**
   * Makes a tree of classes that share a link; tc-htb(8).
   *
   * @param link the link
   * @param handle the number of the tree, such as {@code 1:}
   * @param defaultClass the minor number of the class for what no filter matches; 0 lets it pass
   * @throws LinuxException when the kernel refuses
   */
  public void htb(Link link, TrafficHandle handle, int defaultClass) {
    discipline(link, "htb", handle, TrafficHandle.ROOT, TrafficOptions.htb(defaultClass));
  }

  /**
   * Adds a class to a tree; tc-htb(8).
   *
   * @param link the link
   * @param parent the tree or the class it is in
   * @param handle its number
   * @param rate what it always gets, in bytes per second
   * @param ceiling what it gets at most, when others leave it, in bytes per second
   * @throws LinuxException when the kernel refuses
   */
  public void htbClass(
      Link link, TrafficHandle parent, TrafficHandle handle, long rate, long ceiling) {
    change(
        "RTM_NEWTCLASS htb " + handle,
        Rtnetlink.RTM_NEWTCLASS,
        new Place(link, handle.number(), parent.number(), 0),
        "htb",
        TrafficOptions.htbClass(rate, ceiling));
  }

  /**
   * Shares a class or a link fairly between flows, with short queues; tc-fq_codel(8). Many machines
   * lack the module.
   *
   * @param link the link
   * @param parent the class, or {@link TrafficHandle#ROOT}
   * @param handle its number
   * @throws LinuxException ENOENT when the kernel lacks it
   */
  public void fqCodel(Link link, TrafficHandle parent, TrafficHandle handle) {
    discipline(link, "fq_codel", handle, parent, _ -> {});
  }

  /**
   * Makes the place where filters for what a link receives hang.
   *
   * @param link the link
   * @throws LinuxException when the kernel refuses
   */
  public void ingress(Link link) {
    change(
        "RTM_NEWQDISC ingress dev " + link.name(),
        Rtnetlink.RTM_NEWQDISC,
        new Place(link, 0xffff_0000L, INGRESS, 0),
        "ingress",
        _ -> {});
  }

  private void discipline(
      Link link,
      String kind,
      TrafficHandle handle,
      TrafficHandle parent,
      Consumer<MessageWriter> options) {
    change(
        "RTM_NEWQDISC " + kind + " " + handle + " dev " + link.name(),
        Rtnetlink.RTM_NEWQDISC,
        new Place(link, handle.number(), parent.number(), 0),
        kind,
        options);
  }

  /**
   * Puts packets from a network into a class; tc-u32(8).
   *
   * @param link the link
   * @param parent the tree
   * @param source the network
   * @param into the class
   * @throws LinuxException when the kernel refuses
   */
  public void matchSource(Link link, TrafficHandle parent, IpNetwork source, TrafficHandle into) {
    match(link, parent, source, source.isV6() ? SOURCE6 : SOURCE4, into);
  }

  /**
   * Puts packets to a network into a class; tc-u32(8).
   *
   * @param link the link
   * @param parent the tree
   * @param target the network
   * @param into the class
   * @throws LinuxException when the kernel refuses
   */
  public void matchDestination(
      Link link, TrafficHandle parent, IpNetwork target, TrafficHandle into) {
    match(link, parent, target, target.isV6() ? TARGET6 : TARGET4, into);
  }

  private void match(
      Link link, TrafficHandle parent, IpNetwork network, int offset, TrafficHandle into) {
    filter(
        link,
        "u32",
        new Place(
            link, 0, parent.number(), info(network.isV6() ? 2 : 1, network.isV6() ? IPV6 : IPV4)),
        TrafficOptions.u32(network, offset, into));
  }

  /**
   * Puts packets into the class that the sending process's {@code net_cls} group says;
   * tc-cgroup(8). Cgroup v1; many machines lack the module.
   *
   * @param link the link
   * @param parent the tree
   * @throws LinuxException ENOENT when the kernel lacks it
   */
  public void cgroupClassifier(Link link, TrafficHandle parent) {
    filter(link, "cgroup", new Place(link, 1, parent.number(), info(3, ANY_PROTOCOL)), _ -> {});
  }

  private void filter(Link link, String kind, Place place, Consumer<MessageWriter> options) {
    change(
        "RTM_NEWTFILTER " + kind + " dev " + link.name(),
        Rtnetlink.RTM_NEWTFILTER,
        place,
        kind,
        options);
  }

  /** A filter's priority, and the protocol of its packets in network order. */
  private static long info(int priority, int protocol) {
    return (long) priority << 16 | Short.reverseBytes((short) protocol) & 0xffff;
  }

  /**
   * Removes the discipline of a link, with all classes and filters in it.
   *
   * @param link the link
   * @throws LinuxException ENOENT or EINVAL when it has none of its own
   */
  public void remove(Link link) {
    socket.request(
        NetlinkMessage.request(
            "RTM_DELQDISC root dev " + link.name(),
            Rtnetlink.RTM_DELQDISC,
            0,
            writer -> header(writer, new Place(link, 0, TrafficHandle.ROOT.number(), 0))));
  }

  private record Place(Link link, long handle, long parent, long info) {}

  private void change(
      String text, int type, Place place, String kind, Consumer<MessageWriter> options) {
    socket.request(
        NetlinkMessage.request(
            text,
            type,
            Uapi.NLM_F_CREATE() | Uapi.NLM_F_EXCL(),
            writer -> {
              header(writer, place);
              writer.text(KIND, kind).nested(OPTIONS, options);
            }));
  }

  private static void header(MessageWriter writer, Place place) {
    writer.struct(
        HEADER,
        memory -> {
          set(memory, INDEX, place.link().index());
          set(memory, HANDLE, place.handle());
          set(memory, PARENT, place.parent());
          set(memory, INFO, place.info());
        });
  }

  private static void set(MemorySegment memory, int offset, long value) {
    memory.set(ValueLayout.JAVA_INT, offset, (int) value);
  }
}
