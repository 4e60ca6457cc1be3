package dev.belljar.namespaces.net;

import dev.belljar.linux.Errno;
import dev.belljar.linux.LinuxException;
import dev.belljar.linux.netlink.MessageWriter;
import dev.belljar.linux.netlink.NetlinkMessage;
import dev.belljar.linux.netlink.NetlinkSocket;
import dev.belljar.linux.uapi.Uapi;
import dev.belljar.linux.uapi.ifinfomsg;
import dev.belljar.namespaces.Namespace;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * The links of a network namespace: network interfaces, real and virtual.
 *
 * <p>A {@link Link} passed to these methods is found by its index, whatever its name is by now.
 *
 * @see <a href="https://man7.org/linux/man-pages/man8/ip-link.8.html">ip-link(8)</a>
 */
public final class Links {
  private static final int LONGEST_ALIAS = 255;

  private final NetlinkSocket socket;

  Links(NetlinkSocket socket) {
    this.socket = socket;
  }

  /**
   * Lists all links.
   *
   * @return the links, by index
   * @throws LinuxException when the kernel refuses
   */
  public List<Link> all() {
    return socket
        .dump(
            NetlinkMessage.request(
                "RTM_GETLINK",
                Uapi.RTM_GETLINK(),
                0,
                link -> link.struct(ifinfomsg.layout(), _ -> {})))
        .stream()
        .map(Link::of)
        .toList();
  }

  /**
   * Finds a link.
   *
   * @param name its name
   * @return the link; empty when there is none of that name
   * @throws LinuxException when the kernel refuses
   */
  public Optional<Link> find(String name) {
    try {
      return Optional.of(get(name));
    } catch (LinuxException e) {
      if (e.is(Errno.ENODEV)) {
        return Optional.empty();
      }
      throw e;
    }
  }

  /**
   * Returns a link.
   *
   * @param name its name
   * @return the link
   * @throws LinuxException ENODEV when there is none of that name
   */
  public Link get(String name) {
    return get(
        "RTM_GETLINK \"" + name + "\"",
        link ->
            link.struct(ifinfomsg.layout(), _ -> {})
                .text(Uapi.IFLA_IFNAME(), LinkSpec.checked(name)));
  }

  /**
   * Returns a link as it is now.
   *
   * @param link the link as it was
   * @return the link as it is
   * @throws LinuxException ENODEV when it is gone
   */
  public Link refreshed(Link link) {
    return get("RTM_GETLINK " + link.index(), request -> header(request, link, 0, 0));
  }

  private Link get(String text, Consumer<MessageWriter> content) {
    NetlinkMessage request = NetlinkMessage.request(text, Uapi.RTM_GETLINK(), 0, content);
    return Link.of(socket.request(request).getFirst());
  }

  /**
   * Makes a link.
   *
   * @param spec what it is to be
   * @throws LinuxException EEXIST when the name is taken, EOPNOTSUPP when this kernel lacks the
   *     kind or its module
   */
  public void create(LinkSpec spec) {
    try {
      socket.request(
          NetlinkMessage.request(
              "RTM_NEWLINK " + spec,
              Uapi.RTM_NEWLINK(),
              Uapi.NLM_F_CREATE() | Uapi.NLM_F_EXCL(),
              spec::write));
    } catch (LinuxException e) {
      throw e.is(Errno.EOPNOTSUPP)
          ? e.withRemedy("this kernel lacks the kind of link, or its module is not loaded")
          : e;
    }
  }

  private static void header(MessageWriter writer, Link link, int flags, int change) {
    writer.struct(
        ifinfomsg.layout(),
        memory -> {
          ifinfomsg.ifi_index(memory, link.index());
          ifinfomsg.ifi_flags(memory, flags);
          ifinfomsg.ifi_change(memory, change);
        });
  }

  private void set(Link link, String what, Consumer<MessageWriter> attributes) {
    change(
        link,
        what,
        writer -> {
          header(writer, link, 0, 0);
          attributes.accept(writer);
        });
  }

  private void change(Link link, String what, Consumer<MessageWriter> content) {
    String text = "RTM_SETLINK " + link.index() + " (" + link.name() + ") " + what;
    socket.request(NetlinkMessage.request(text, Uapi.RTM_SETLINK(), 0, content));
  }

  /**
   * Switches a link on.
   *
   * @param link the link
   * @throws LinuxException when the kernel refuses
   */
  public void up(Link link) {
    change(link, "up", writer -> header(writer, link, Rtnetlink.IFF_UP, Rtnetlink.IFF_UP));
  }

  /**
   * Switches a link off; its routes and IPv6 addresses go.
   *
   * @param link the link
   * @throws LinuxException when the kernel refuses
   */
  public void down(Link link) {
    change(link, "down", writer -> header(writer, link, 0, Rtnetlink.IFF_UP));
  }

  /**
   * Renames a link; before Linux 6.3 only while it is down.
   *
   * @param link the link
   * @param name the new name, 1 to 15 bytes
   * @throws LinuxException EEXIST when the name is taken, EBUSY when the link is up
   * @throws IllegalArgumentException when no link can have that name
   */
  public void rename(Link link, String name) {
    LinkSpec.checked(name);
    set(link, "name " + name, writer -> writer.text(Uapi.IFLA_IFNAME(), name));
  }

  /**
   * Sets the largest packet.
   *
   * @param link the link
   * @param bytes the size
   * @throws LinuxException EINVAL when the link cannot have it
   */
  public void mtu(Link link, int bytes) {
    set(link, "mtu " + bytes, writer -> writer.u32(Uapi.IFLA_MTU(), bytes));
  }

  /**
   * Sets the hardware address.
   *
   * @param link the link
   * @param address the address
   * @throws LinuxException when the kernel refuses
   */
  public void address(Link link, MacAddress address) {
    set(link, "address " + address, writer -> writer.bytes(Uapi.IFLA_ADDRESS(), address.bytes()));
  }

  /**
   * Marks a link with a text.
   *
   * @param link the link
   * @param alias up to 255 bytes; empty for none
   * @throws LinuxException when the kernel refuses
   * @throws IllegalArgumentException when the text is too long
   */
  public void alias(Link link, String alias) {
    byte[] bytes = alias.getBytes(StandardCharsets.UTF_8);
    if (bytes.length > LONGEST_ALIAS) {
      throw new IllegalArgumentException("an alias has at most 255 bytes, not " + bytes.length);
    }
    set(link, "alias", writer -> writer.bytes(Rtnetlink.IFLA_IFALIAS, bytes));
  }

  /**
   * Makes a link a port of a bridge.
   *
   * @param link the link
   * @param bridge the bridge
   * @throws LinuxException when the kernel refuses
   */
  public void master(Link link, Link bridge) {
    set(link, "master " + bridge.name(), writer -> writer.u32(Uapi.IFLA_MASTER(), bridge.index()));
  }

  /**
   * Takes a link off its bridge.
   *
   * @param link the link
   * @throws LinuxException when the kernel refuses
   */
  public void release(Link link) {
    set(link, "nomaster", writer -> writer.u32(Uapi.IFLA_MASTER(), 0));
  }

  /**
   * Keeps a link that is down from making up an IPv6 address when it is switched on.
   *
   * @param link the link
   * @throws LinuxException EAFNOSUPPORT when there is no IPv6
   */
  public void withoutLinkLocalAddress(Link link) {
    set(
        link,
        "addrgenmode none",
        writer ->
            writer.nested(
                Rtnetlink.IFLA_AF_SPEC,
                families ->
                    families.nested(
                        Rtnetlink.AF_INET6,
                        v6 ->
                            v6.u8(
                                Rtnetlink.IFLA_INET6_ADDR_GEN_MODE,
                                Rtnetlink.IN6_ADDR_GEN_MODE_NONE))));
  }

  /**
   * Moves a link into another namespace, where it is down, and without addresses.
   *
   * @param link the link
   * @param namespace a NET namespace
   * @throws LinuxException EEXIST when its name is taken there, EINVAL when it is of a kind that
   *     cannot be moved
   */
  public void move(Link link, Namespace namespace) {
    set(
        link,
        "netns " + namespace,
        writer -> writer.u32(Uapi.IFLA_NET_NS_FD(), namespace.descriptor().number()));
  }

  /**
   * Moves a link into another namespace and renames it on the way.
   *
   * @param link the link
   * @param namespace a NET namespace
   * @param name its name there
   * @throws LinuxException EEXIST when the name is taken there
   */
  public void move(Link link, Namespace namespace, String name) {
    LinkSpec.checked(name);
    set(
        link,
        "netns " + namespace + " name " + name,
        writer ->
            writer
                .u32(Uapi.IFLA_NET_NS_FD(), namespace.descriptor().number())
                .text(Uapi.IFLA_IFNAME(), name));
  }

  /**
   * Deletes a link; a veth goes with its other end.
   *
   * @param link the link
   * @throws LinuxException ENODEV when it is gone, EOPNOTSUPP when it is hardware
   */
  public void delete(Link link) {
    String text = "RTM_DELLINK " + link.index() + " (" + link.name() + ")";
    socket.request(
        NetlinkMessage.request(text, Uapi.RTM_DELLINK(), 0, writer -> header(writer, link, 0, 0)));
  }
}
