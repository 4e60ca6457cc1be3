package dev.belljar.namespaces.net;

import dev.belljar.linux.netlink.Attribute;
import dev.belljar.linux.netlink.Attributes;
import dev.belljar.linux.netlink.NetlinkMessage;
import dev.belljar.linux.uapi.Uapi;
import dev.belljar.linux.uapi.ifinfomsg;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * A network interface, as it was when it was asked for.
 *
 * @param index its number in its namespace, 1 or above; it stays when it is renamed
 * @param name its name, 1 to 15 bytes
 * @param kind what made it, such as {@code veth} or {@code bridge}; empty for hardware and lo
 * @param up whether it is switched on
 * @param running whether it also has a carrier, so that packets can pass
 * @param mtu the largest packet, in bytes
 * @param address its hardware address; empty where it has none of six bytes
 * @param master the index of the bridge it is a port of
 * @param parent the index of the link it sits on, or of a veth's other end, in the namespace that
 *     {@code parentNamespace} names
 * @param parentNamespace the kernel's number for the other namespace the parent is in; empty when
 *     it is in the same
 * @param alias a text of up to 255 bytes, with which programs mark what is theirs
 * @param group the number of the group of links it is in, 0 by default
 * @param statistics what it has counted
 * @see <a href="https://man7.org/linux/man-pages/man8/ip-link.8.html">ip-link(8)</a>
 */
public record Link(
    int index,
    String name,
    Optional<String> kind,
    boolean up,
    boolean running,
    int mtu,
    Optional<MacAddress> address,
    OptionalInt master,
    OptionalInt parent,
    OptionalInt parentNamespace,
    Optional<String> alias,
    long group,
    LinkStatistics statistics) {

  static Link of(NetlinkMessage message) {
    int flags = ifinfomsg.ifi_flags(message.body());
    Attributes attributes = message.attributes(ifinfomsg.sizeof());
    return new Link(
        ifinfomsg.ifi_index(message.body()),
        attributes.get(Uapi.IFLA_IFNAME()).map(Attribute::text).orElse(""),
        attributes.nested(Uapi.IFLA_LINKINFO()).get(Uapi.IFLA_INFO_KIND()).map(Attribute::text),
        (flags & Rtnetlink.IFF_UP) != 0,
        (flags & Rtnetlink.IFF_RUNNING) != 0,
        number(attributes, Uapi.IFLA_MTU()).orElse(0),
        attributes
            .get(Uapi.IFLA_ADDRESS())
            .map(Attribute::bytes)
            .filter(bytes -> bytes.length == 6)
            .map(MacAddress::of),
        number(attributes, Uapi.IFLA_MASTER()),
        number(attributes, Uapi.IFLA_LINK()),
        number(attributes, Rtnetlink.IFLA_LINK_NETNSID),
        attributes.get(Rtnetlink.IFLA_IFALIAS).map(Attribute::text).filter(s -> !s.isEmpty()),
        attributes.get(Rtnetlink.IFLA_GROUP).map(Attribute::u32).orElse(0L),
        attributes.get(Rtnetlink.IFLA_STATS64).map(LinkStatistics::of).orElse(LinkStatistics.NONE));
  }

  static OptionalInt number(Attributes attributes, int type) {
    return attributes
        .get(type)
        .map(value -> OptionalInt.of(value.s32()))
        .orElse(OptionalInt.empty());
  }
}
