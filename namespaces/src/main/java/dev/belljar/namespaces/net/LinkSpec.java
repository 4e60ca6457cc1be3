package dev.belljar.namespaces.net;

import dev.belljar.linux.netlink.MessageWriter;
import dev.belljar.linux.uapi.Uapi;
import dev.belljar.linux.uapi.ifinfomsg;
import dev.belljar.namespaces.Namespace;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * What a link is to be that {@link Links#create} makes.
 *
 * {@snippet :
 * links.create(LinkSpec.veth("veth0", LinkSpec.named("eth0").namespace(inside)).up());
 * }
 *
 * @see <a href="https://man7.org/linux/man-pages/man8/ip-link.8.html">ip-link(8)</a>
 */
public final class LinkSpec {
  private static final int LONGEST_NAME = 15;
  private static final int LARGEST_VLAN = 4094;

  private final String name;
  private final Optional<String> kind;
  private final Consumer<MessageWriter> kindData;
  private final List<Consumer<MessageWriter>> settings;
  private final boolean up;

  private LinkSpec(
      String name,
      Optional<String> kind,
      Consumer<MessageWriter> kindData,
      List<Consumer<MessageWriter>> settings,
      boolean up) {
    this.name = name;
    this.kind = kind;
    this.kindData = kindData;
    this.settings = List.copyOf(settings);
    this.up = up;
  }

  private static LinkSpec of(String name, String kind, Consumer<MessageWriter> kindData) {
    return new LinkSpec(checked(name), Optional.of(kind), kindData, List.of(), false);
  }

  static String checked(String name) {
    int length = name.getBytes(StandardCharsets.UTF_8).length;
    boolean valid =
        length > 0
            && length <= LONGEST_NAME
            && !name.equals(".")
            && !name.equals("..")
            && name.chars().noneMatch(c -> c == '/' || c == ':' || c == 0 || c == ' ');
    if (!valid) {
      throw new IllegalArgumentException(
          "a link's name has 1 to 15 bytes without '/', ':' and white space, not '" + name + "'");
    }
    return name;
  }

  /**
   * Describes a link of no kind: a veth's other end.
   *
   * @param name its name
   * @return the description
   * @throws IllegalArgumentException when no link can have that name
   */
  public static LinkSpec named(String name) {
    return new LinkSpec(checked(name), Optional.empty(), _ -> {}, List.of(), false);
  }

  /**
   * Describes a cable of two ends, each of which gets what the other sends; veth(4).
   *
   * @param name the name of this end
   * @param peer the other end, made at the same time
   * @return the description
   * @throws IllegalArgumentException when the other end is to be {@link #up()}: the kernel connects
   *     the two only when both are made
   */
  public static LinkSpec veth(String name, LinkSpec peer) {
    if (peer.up) {
      throw new IllegalArgumentException(
          "the other end of a veth can be switched on only when it is made");
    }
    return of(name, "veth", data -> data.nested(Uapi.VETH_INFO_PEER(), peer::write));
  }

  /**
   * Describes a switch, whose ports are the links that have it as {@linkplain #master master}.
   *
   * @param name its name
   * @return the description
   */
  public static LinkSpec bridge(String name) {
    return of(name, "bridge", _ -> {});
  }

  /**
   * Describes a link that drops what it is sent. Many machines lack the module.
   *
   * @param name its name
   * @return the description
   */
  public static LinkSpec dummy(String name) {
    return of(name, "dummy", _ -> {});
  }

  /**
   * Describes a link with an own hardware address on top of another one.
   *
   * @param name its name
   * @param parent the link it sits on
   * @param mode whom it can reach
   * @return the description
   */
  public static LinkSpec macvlan(String name, Link parent, MacvlanMode mode) {
    return of(name, "macvlan", data -> data.u32(Rtnetlink.IFLA_MACVLAN_MODE, mode.number()))
        .with(link -> link.u32(Uapi.IFLA_LINK(), parent.index()));
  }

  /**
   * Describes a link for the packets of another one that carry a VLAN's tag.
   *
   * @param name its name
   * @param parent the link it sits on
   * @param id the VLAN, 1 to 4094
   * @return the description
   * @throws IllegalArgumentException when the number is out of range
   */
  public static LinkSpec vlan(String name, Link parent, int id) {
    if (id < 1 || id > LARGEST_VLAN) {
      throw new IllegalArgumentException("a VLAN is 1 to 4094, not " + id);
    }
    return of(name, "vlan", data -> data.u16(Rtnetlink.IFLA_VLAN_ID, id))
        .with(link -> link.u32(Uapi.IFLA_LINK(), parent.index()));
  }

  private LinkSpec with(Consumer<MessageWriter> setting) {
    List<Consumer<MessageWriter>> all = new ArrayList<>(settings);
    all.add(setting);
    return new LinkSpec(name, kind, kindData, all, up);
  }

  /**
   * Sets the largest packet.
   *
   * @param bytes 68 or more for IPv4, 1280 or more for IPv6
   * @return a copy that says so
   */
  public LinkSpec mtu(int bytes) {
    return with(link -> link.u32(Uapi.IFLA_MTU(), bytes));
  }

  /**
   * Sets the hardware address; by default the kernel chooses one.
   *
   * @param address the address
   * @return a copy that says so
   */
  public LinkSpec address(MacAddress address) {
    return with(link -> link.bytes(Uapi.IFLA_ADDRESS(), address.bytes()));
  }

  /**
   * Makes it a port of a bridge.
   *
   * @param bridge the bridge
   * @return a copy that says so
   */
  public LinkSpec master(Link bridge) {
    return with(link -> link.u32(Uapi.IFLA_MASTER(), bridge.index()));
  }

  /**
   * Puts it into a group of links.
   *
   * @param number the group's number
   * @return a copy that says so
   */
  public LinkSpec group(long number) {
    return with(link -> link.u32(Rtnetlink.IFLA_GROUP, number));
  }

  /**
   * Makes it in another network namespace.
   *
   * @param namespace a NET namespace, which must stay open until the link is made
   * @return a copy that says so
   */
  public LinkSpec namespace(Namespace namespace) {
    return with(link -> link.u32(Uapi.IFLA_NET_NS_FD(), namespace.descriptor().number()));
  }

  /**
   * Switches it on.
   *
   * @return a copy that says so
   */
  public LinkSpec up() {
    return new LinkSpec(name, kind, kindData, settings, true);
  }

  String name() {
    return name;
  }

  void write(MessageWriter writer) {
    writer.struct(ifinfomsg.layout(), this::flags).text(Uapi.IFLA_IFNAME(), name);
    settings.forEach(setting -> setting.accept(writer));
    kind.ifPresent(text ->
        writer.nested(
            Uapi.IFLA_LINKINFO(),
            info ->
                info.text(Uapi.IFLA_INFO_KIND(), text).nested(Uapi.IFLA_INFO_DATA(), kindData)));
  }

  private void flags(MemorySegment link) {
    if (up) {
      ifinfomsg.ifi_flags(link, Rtnetlink.IFF_UP);
      ifinfomsg.ifi_change(link, Rtnetlink.IFF_UP);
    }
  }

  /** Prints kind and name. */
  @Override
  public String toString() {
    return kind.map(text -> text + " ").orElse("") + name;
  }
}
