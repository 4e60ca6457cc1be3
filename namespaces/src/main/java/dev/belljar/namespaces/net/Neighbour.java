package dev.belljar.namespaces.net;

import dev.belljar.linux.netlink.Attribute;
import dev.belljar.linux.netlink.Attributes;
import dev.belljar.linux.netlink.NetlinkMessage;
import java.net.InetAddress;
import java.util.Optional;

/**
 * Which hardware address an IP address has on a link.
 *
 * @param link the link's index
 * @param address the IP address
 * @param hardware its hardware address; empty while nobody has answered
 * @param permanent whether it was set and not learned
 * @see <a href="https://man7.org/linux/man-pages/man8/ip-neighbour.8.html">ip-neighbour(8)</a>
 */
public record Neighbour(
    int link, InetAddress address, Optional<MacAddress> hardware, boolean permanent) {
  static Optional<Neighbour> of(NetlinkMessage message) {
    Attributes attributes = message.attributes(Neighbours.HEADER.byteSize());
    return attributes
        .get(Rtnetlink.NDA_DST)
        .map(address ->
            new Neighbour(
                Neighbours.index(message.body()),
                IpNetwork.inet(address.bytes()),
                attributes
                    .get(Rtnetlink.NDA_LLADDR)
                    .map(Attribute::bytes)
                    .filter(bytes -> bytes.length == 6)
                    .map(MacAddress::of),
                (Neighbours.state(message.body()) & Neighbours.PERMANENT) != 0));
  }
}
