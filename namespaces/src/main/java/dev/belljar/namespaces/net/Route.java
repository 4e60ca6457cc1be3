package dev.belljar.namespaces.net;

import dev.belljar.linux.netlink.Attribute;
import dev.belljar.linux.netlink.Attributes;
import dev.belljar.linux.netlink.NetlinkMessage;
import dev.belljar.linux.uapi.Uapi;
import dev.belljar.linux.uapi.rtmsg;
import java.net.InetAddress;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * A route: where packets to a network go.
 *
 * {@snippet :
 * routes.add(Route.to(IpNetwork.parse("0.0.0.0/0")).via(InetAddress.ofLiteral("10.1.0.1")));
 * }
 *
 * @param destination the network; a prefix of 0 bits is the default route
 * @param gateway who passes packets on; empty when the network is on the link itself
 * @param link the index of the link that packets leave by; empty lets the kernel find it
 * @param source the address that packets from here get
 * @param priority of two routes to one network the one with the lower number holds
 * @param table the table it is in, {@link #MAIN} by default
 * @param automatic whether the kernel added it by itself, with an address
 * @see <a href="https://man7.org/linux/man-pages/man8/ip-route.8.html">ip-route(8)</a>
 */
public record Route(
    IpNetwork destination,
    Optional<InetAddress> gateway,
    OptionalInt link,
    Optional<InetAddress> source,
    long priority,
    long table,
    boolean automatic) {
  /** The table that is looked at for every packet. */
  public static final long MAIN = 254;

  /**
   * Describes a route.
   *
   * @param destination the network
   * @return the route, as yet without a way
   */
  public static Route to(IpNetwork destination) {
    return new Route(
        destination.network(),
        Optional.empty(),
        OptionalInt.empty(),
        Optional.empty(),
        0,
        MAIN,
        false);
  }

  /**
   * Says who passes packets on.
   *
   * @param address an address that can be reached without a gateway
   * @return a copy that says so
   */
  public Route via(InetAddress address) {
    return new Route(destination, Optional.of(address), link, source, priority, table, automatic);
  }

  /**
   * Says by which link packets leave.
   *
   * @param device the link
   * @return a copy that says so
   */
  public Route on(Link device) {
    OptionalInt index = OptionalInt.of(device.index());
    return new Route(destination, gateway, index, source, priority, table, automatic);
  }

  /**
   * Says which address packets from here get.
   *
   * @param address an address of this namespace
   * @return a copy that says so
   */
  public Route from(InetAddress address) {
    return new Route(destination, gateway, link, Optional.of(address), priority, table, automatic);
  }

  /**
   * Says which of several routes to one network holds.
   *
   * @param number the lower the better
   * @return a copy that says so
   */
  public Route priority(long number) {
    return new Route(destination, gateway, link, source, number, table, automatic);
  }

  /**
   * Puts the route into another table, which only rules lead to; ip-rule(8).
   *
   * @param number the table
   * @return a copy that says so
   */
  public Route table(long number) {
    return new Route(destination, gateway, link, source, priority, number, automatic);
  }

  static Route of(NetlinkMessage message) {
    Attributes attributes = message.attributes(rtmsg.sizeof());
    boolean v6 = rtmsg.rtm_family(message.body()) == Rtnetlink.AF_INET6;
    InetAddress destination =
        inet(attributes, Uapi.RTA_DST()).orElseGet(() -> IpNetwork.inet(new byte[v6 ? 16 : 4]));
    return new Route(
        new IpNetwork(destination, rtmsg.rtm_dst_len(message.body()) & 0xff),
        inet(attributes, Uapi.RTA_GATEWAY()),
        Link.number(attributes, Uapi.RTA_OIF()),
        inet(attributes, Uapi.RTA_PREFSRC()),
        attributes.get(Uapi.RTA_PRIORITY()).map(Attribute::u32).orElse(0L),
        attributes
            .get(Uapi.RTA_TABLE())
            .map(Attribute::u32)
            .orElse((long) (rtmsg.rtm_table(message.body()) & 0xff)),
        rtmsg.rtm_protocol(message.body()) == Uapi.RTPROT_KERNEL());
  }

  private static Optional<InetAddress> inet(Attributes attributes, int type) {
    return attributes.get(type).map(Attribute::bytes).map(IpNetwork::inet);
  }
}
