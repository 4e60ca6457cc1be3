package dev.belljar.namespaces.net;

import dev.belljar.linux.Errno;
import dev.belljar.linux.LinuxException;
import dev.belljar.linux.netlink.Attribute;
import dev.belljar.linux.netlink.MessageWriter;
import dev.belljar.linux.netlink.NetlinkMessage;
import dev.belljar.linux.uapi.Uapi;
import dev.belljar.linux.uapi.ifaddrmsg;
import dev.belljar.linux.uapi.rtmsg;
import java.lang.foreign.MemorySegment;
import java.util.Comparator;
import java.util.List;
import java.util.Set;

/**
 * What a link loses when it is moved to another namespace: its addresses and routes, each with
 * everything that the kernel tells of it, such as who made a route and the metrics of its packets.
 *
 * <p>Left out is what comes by itself: IPv6 addresses that end some time, link-local ones, and the
 * routes that the kernel or a router's advertisement adds. How long an IPv4 address is leased is
 * left out too: nobody would renew it.
 */
public final class LinkState {
  // of linux/rtnetlink.h and linux/if_addr.h
  private static final int RTNH_F_ONLINK = 4;
  private static final int RTPROT_RA = 9;
  private static final int RTA_IIF = 3;
  private static final int RTA_CACHEINFO = 12;
  private static final int RTA_VIA = 18;
  private static final int RTA_NH_ID = 30; // the object ends with the move
  private static final Set<Integer> NOT_OF_A_ROUTE = Set.of(RTA_IIF, RTA_CACHEINFO, RTA_NH_ID);
  private static final int IFA_CACHEINFO = 6;
  private static final int NEVER_MOVED =
      Rtnetlink.IFA_F_TENTATIVE | Rtnetlink.IFA_F_PERMANENT | 0x08 | 0x20; // failed, deprecated

  private final Link link;
  private final List<NetlinkMessage> addresses;
  private final List<NetlinkMessage> routes;

  private LinkState(Link link, List<NetlinkMessage> addresses, List<NetlinkMessage> routes) {
    this.link = link;
    this.addresses = addresses;
    this.routes = routes;
  }

  /**
   * Takes down what a link has.
   *
   * @param stack the network that it is in
   * @param link the link
   * @return what it has now
   * @throws LinuxException when the kernel refuses
   */
  public static LinkState of(NetworkStack stack, Link link) {
    return new LinkState(
        link,
        stack.addresses().dump().stream().filter(message -> isGiven(message, link)).toList(),
        stack.routes().dump().stream()
            .filter(message -> isGivenRoute(message, link))
            .sorted(Comparator.comparing(LinkState::hasGateway)) // which the others may lead to
            .toList());
  }

  private static boolean isGiven(NetlinkMessage message, Link link) {
    LinkAddress address = LinkAddress.of(message);
    return address.link() == link.index()
        && (address.permanent() || !address.address().isV6())
        && !address.address().address().isLinkLocalAddress();
  }

  private static boolean isGivenRoute(NetlinkMessage message, Link link) {
    Route route = Route.of(message);
    return route.link().isPresent()
        && route.link().getAsInt() == link.index()
        && !route.automatic()
        && rtmsg.rtm_protocol(message.body()) != RTPROT_RA;
  }

  private static boolean hasGateway(NetlinkMessage message) {
    return message.attributes(rtmsg.sizeof()).all().stream()
        .anyMatch(
            attribute -> attribute.type() == Uapi.RTA_GATEWAY() || attribute.type() == RTA_VIA);
  }

  /**
   * Returns the link as it was.
   *
   * @return the link
   */
  public Link link() {
    return link;
  }

  /**
   * Returns its addresses.
   *
   * @return the addresses, with the prefixes of their networks
   */
  public List<IpNetwork> addresses() {
    return addresses.stream().map(message -> LinkAddress.of(message).address()).toList();
  }

  /**
   * Gives a link all of it, and switches it on if the first one was. Its addresses can be used at
   * once. What it has already stays.
   *
   * @param stack the network that it is in now
   * @param moved the link, as it is known there
   * @throws LinuxException when the kernel refuses
   */
  public void restore(NetworkStack stack, Link moved) {
    for (NetlinkMessage address : addresses) {
      String text = "RTM_NEWADDR " + LinkAddress.of(address).address() + " dev " + moved.name();
      orIsThere(() -> stack.addresses().add(text, writer -> writeAddress(writer, address, moved)));
    }
    if (!link.up()) {
      return; // it has no routes
    }
    stack.links().up(moved);
    for (NetlinkMessage route : routes) {
      String text = "RTM_NEWROUTE " + Route.of(route).destination() + " dev " + moved.name();
      orIsThere(() -> stack.routes().add(text, writer -> writeRoute(writer, route, moved)));
    }
  }

  private static void orIsThere(Runnable adding) {
    try {
      adding.run();
    } catch (LinuxException e) {
      if (!e.is(Errno.EEXIST)) {
        throw e;
      }
    }
  }

  private void writeAddress(MessageWriter writer, NetlinkMessage address, Link moved) {
    long flags = 0;
    writer.struct(
        ifaddrmsg.layout(),
        memory -> {
          copyStart(address, memory);
          ifaddrmsg.ifa_flags(memory, (byte) 0); // IFA_FLAGS says them
          ifaddrmsg.ifa_index(memory, moved.index());
        });
    for (Attribute attribute : address.attributes(ifaddrmsg.sizeof()).all()) {
      if (attribute.type() == Uapi.IFA_FLAGS()) {
        flags = attribute.u32() & ~NEVER_MOVED;
      } else if (attribute.type() == Uapi.IFA_LABEL() && attribute.text().equals(link.name())) {
        writer.text(attribute.type(), moved.name());
      } else if (attribute.type() != IFA_CACHEINFO) {
        writer.bytes(attribute.type(), attribute.bytes());
      }
    }
    writer.u32(Uapi.IFA_FLAGS(), flags | Rtnetlink.IFA_F_NODAD);
  }

  private static void writeRoute(MessageWriter writer, NetlinkMessage route, Link moved) {
    writer.struct(
        rtmsg.layout(),
        memory -> {
          copyStart(route, memory);
          rtmsg.rtm_flags(memory, rtmsg.rtm_flags(memory) & RTNH_F_ONLINK);
        });
    for (Attribute attribute : route.attributes(rtmsg.sizeof()).all()) {
      if (attribute.type() == Uapi.RTA_OIF()) {
        writer.u32(attribute.type(), moved.index());
      } else if (!NOT_OF_A_ROUTE.contains(attribute.type())) {
        writer.bytes(attribute.type(), attribute.bytes());
      }
    }
  }

  private static void copyStart(NetlinkMessage message, MemorySegment struct) {
    MemorySegment.copy(message.body(), 0, struct, 0, struct.byteSize());
  }
}
