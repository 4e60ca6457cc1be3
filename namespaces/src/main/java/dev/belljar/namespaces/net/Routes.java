package dev.belljar.namespaces.net;

import dev.belljar.linux.LinuxException;
import dev.belljar.linux.netlink.MessageWriter;
import dev.belljar.linux.netlink.NetlinkMessage;
import dev.belljar.linux.netlink.NetlinkSocket;
import dev.belljar.linux.uapi.Uapi;
import dev.belljar.linux.uapi.rtmsg;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.function.Consumer;

/**
 * The routes of a network namespace.
 *
 * @see <a href="https://man7.org/linux/man-pages/man8/ip-route.8.html">ip-route(8)</a>
 */
public final class Routes {
  private static final int UNICAST = 1; // RTN_UNICAST
  private static final int SMALL_TABLES = 256;
  private static final int MULTIPATH = 9; // RTA_MULTIPATH
  private static final int NEXT_HOP_SIZE = 8; // of struct rtnexthop

  private final NetlinkSocket socket;

  Routes(NetlinkSocket socket) {
    this.socket = socket;
  }

  /**
   * Lists all routes of all tables, those that the kernel added included.
   *
   * @return the routes, IPv4 first
   * @throws LinuxException when the kernel refuses
   */
  public List<Route> all() {
    return dump().stream().map(Route::of).toList();
  }

  List<NetlinkMessage> dump() {
    return socket.dump(
        NetlinkMessage.request(
            "RTM_GETROUTE",
            Uapi.RTM_GETROUTE(),
            0,
            writer -> writer.struct(rtmsg.layout(), _ -> {})));
  }

  /**
   * Lists the routes of one table.
   *
   * @param table the table's number, such as {@link Route#MAIN}
   * @return the routes
   * @throws LinuxException when the kernel refuses
   */
  public List<Route> in(long table) {
    return all().stream().filter(route -> route.table() == table).toList();
  }

  /**
   * Lists the routes with several ways of which one leaves by a link; such a route is in {@link
   * #all} too, but without a gateway and link.
   *
   * @param link the link
   * @return where these routes lead
   * @throws LinuxException when the kernel refuses
   */
  public List<IpNetwork> multipathBy(Link link) {
    return dump().stream()
        .filter(message ->
            message
                .attributes(rtmsg.sizeof())
                .get(MULTIPATH)
                .filter(ways -> leavesBy(ways.value(), link.index()))
                .isPresent())
        .map(message -> Route.of(message).destination())
        .toList();
  }

  /** Looks at each {@code struct rtnexthop}: its length, flags and hops, the link's index. */
  private static boolean leavesBy(MemorySegment ways, int index) {
    long offset = 0;
    while (ways.byteSize() - offset >= NEXT_HOP_SIZE) {
      int length = ways.get(ValueLayout.JAVA_SHORT_UNALIGNED, offset) & 0xffff;
      if (ways.get(ValueLayout.JAVA_INT_UNALIGNED, offset + Integer.BYTES) == index) {
        return true;
      }
      offset += Math.max(NEXT_HOP_SIZE, (length + 3) & -4);
    }
    return false;
  }

  /**
   * Adds a route.
   *
   * @param route the route
   * @throws LinuxException EEXIST when the table has one to that network with that priority,
   *     ENETUNREACH when the gateway cannot be reached, ENETDOWN when the link is down
   */
  public void add(Route route) {
    change("RTM_NEWROUTE", Uapi.RTM_NEWROUTE(), Uapi.NLM_F_CREATE() | Uapi.NLM_F_EXCL(), route);
  }

  void add(String text, Consumer<MessageWriter> content) {
    int flags = Uapi.NLM_F_CREATE() | Uapi.NLM_F_EXCL();
    socket.request(NetlinkMessage.request(text, Uapi.RTM_NEWROUTE(), flags, content));
  }

  /**
   * Adds a route, in place of one to that network with that priority.
   *
   * @param route the route
   * @throws LinuxException when the kernel refuses
   */
  public void replace(Route route) {
    change("RTM_NEWROUTE", Uapi.RTM_NEWROUTE(), Uapi.NLM_F_CREATE() | Uapi.NLM_F_REPLACE(), route);
  }

  /**
   * Removes a route.
   *
   * @param route the route
   * @throws LinuxException ESRCH when there is none like it
   */
  public void remove(Route route) {
    change("RTM_DELROUTE", Uapi.RTM_DELROUTE(), 0, route);
  }

  private void change(String name, int type, int flags, Route route) {
    String text =
        name
            + " "
            + route.destination()
            + route.gateway().map(gateway -> " via " + gateway.getHostAddress()).orElse("")
            + (route.table() == Route.MAIN ? "" : " table " + route.table());
    socket.request(
        NetlinkMessage.request(text, type, flags, writer -> write(writer, route, flags != 0)));
  }

  private static void write(MessageWriter writer, Route route, boolean isNew) {
    writer.struct(rtmsg.layout(), memory -> header(memory, route, isNew));
    writer.u32(Uapi.RTA_TABLE(), route.table());
    if (route.destination().prefix() > 0) {
      writer.bytes(Uapi.RTA_DST(), route.destination().address().getAddress());
    }
    route.gateway().ifPresent(to -> writer.bytes(Uapi.RTA_GATEWAY(), to.getAddress()));
    route.link().ifPresent(index -> writer.u32(Uapi.RTA_OIF(), index));
    route.source().ifPresent(from -> writer.bytes(Uapi.RTA_PREFSRC(), from.getAddress()));
    if (route.priority() != 0) {
      writer.u32(Uapi.RTA_PRIORITY(), route.priority());
    }
  }

  private static void header(MemorySegment memory, Route route, boolean isNew) {
    boolean v6 = route.destination().isV6();
    rtmsg.rtm_family(memory, (byte) (v6 ? Rtnetlink.AF_INET6 : Rtnetlink.AF_INET));
    rtmsg.rtm_dst_len(memory, (byte) route.destination().prefix());
    rtmsg.rtm_table(memory, (byte) (route.table() < SMALL_TABLES ? route.table() : 0));
    if (isNew) {
      boolean direct = route.gateway().isEmpty();
      rtmsg.rtm_scope(memory, (byte) (direct ? Uapi.RT_SCOPE_LINK() : Uapi.RT_SCOPE_UNIVERSE()));
      rtmsg.rtm_protocol(memory, (byte) Uapi.RTPROT_STATIC());
      rtmsg.rtm_type(memory, (byte) UNICAST);
    } else {
      rtmsg.rtm_scope(memory, (byte) Uapi.RT_SCOPE_NOWHERE());
    }
  }
}
