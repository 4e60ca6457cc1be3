package dev.belljar.namespaces.net;

import dev.belljar.linux.netlink.Attribute;
import dev.belljar.linux.netlink.Attributes;
import dev.belljar.linux.netlink.NetlinkMessage;
import dev.belljar.linux.uapi.Uapi;
import dev.belljar.linux.uapi.ifaddrmsg;

/**
 * An IP address that a link has.
 *
 * @param link the link's index
 * @param address the address, with its network's prefix
 * @param tentative whether an IPv6 address is still being checked for doubles, and cannot be used
 * @param permanent whether it stays; those given by a router or by DHCP end some time
 */
public record LinkAddress(int link, IpNetwork address, boolean tentative, boolean permanent) {
  static LinkAddress of(NetlinkMessage message) {
    Attributes attributes = message.attributes(ifaddrmsg.sizeof());
    // On a point-to-point link IFA_ADDRESS is the other side's.
    Attribute address =
        attributes
            .get(Uapi.IFA_LOCAL())
            .or(() -> attributes.get(Uapi.IFA_ADDRESS()))
            .orElseThrow(() -> new IllegalArgumentException("an address without an address"));
    long flags =
        attributes
            .get(Uapi.IFA_FLAGS())
            .map(Attribute::u32)
            .orElse((long) (ifaddrmsg.ifa_flags(message.body()) & 0xff));
    return new LinkAddress(
        ifaddrmsg.ifa_index(message.body()),
        new IpNetwork(
            IpNetwork.inet(address.bytes()), ifaddrmsg.ifa_prefixlen(message.body()) & 0xff),
        (flags & Rtnetlink.IFA_F_TENTATIVE) != 0,
        (flags & Rtnetlink.IFA_F_PERMANENT) != 0);
  }
}
