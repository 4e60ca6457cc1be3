package dev.belljar.namespaces.forward;

import dev.belljar.linux.Errno;
import dev.belljar.linux.LinuxException;
import dev.belljar.linux.netlink.Attribute;
import dev.belljar.linux.netlink.NetlinkMessage;
import dev.belljar.linux.netlink.NetlinkSocket;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * Which ports are open inside, as the kernel has it.
 *
 * @see <a href="https://man7.org/linux/man-pages/man7/sock_diag.7.html">sock_diag(7)</a>
 */
final class OpenPorts {
  /** By what a port can be reached. */
  enum Family {
    V4(2),
    V6(10);

    private final int number;

    Family(int number) {
      this.number = number;
    }
  }

  private static final int NETLINK_SOCK_DIAG = 4;
  private static final int SOCK_DIAG_BY_FAMILY = 20;
  private static final int IPPROTO_TCP = 6;
  private static final int IPPROTO_UDP = 17;
  private static final int TCP_LISTEN = 10;
  private static final int TCP_CLOSE = 7; // of UDP: not connected to anybody
  private static final int INET_DIAG_SKV6ONLY = 11;

  // struct inet_diag_req_v2 and struct inet_diag_msg: four bytes, then (in the request) the states,
  // then the socket's addresses.
  private static final MemoryLayout REQUEST =
      MemoryLayout.structLayout(MemoryLayout.sequenceLayout(14, ValueLayout.JAVA_INT));
  private static final int ANSWER_SIZE = 72;
  private static final int PROTOCOL = 1;
  private static final int STATES = 4;
  private static final int REQUEST_PORT = 8;
  private static final int ANSWER_PORT = 4;
  private static final int ANSWER_ADDRESS = 8;
  private static final ValueLayout.OfShort PORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

  private static final long FIRST_PAUSE = TimeUnit.MILLISECONDS.toNanos(1);
  private static final long LONGEST_PAUSE = TimeUnit.MILLISECONDS.toNanos(20);

  private OpenPorts() {}

  /** Waits until a port can be reached; see {@link PortForwarder#awaitListening}. */
  static boolean await(InsideSockets inside, Protocol protocol, int port, Duration limit)
      throws InterruptedException {
    long end = System.nanoTime() + limit.toNanos();
    try (NetlinkSocket socket = inside.netlink(NETLINK_SOCK_DIAG)) {
      // The kernel tells of sockets that go, not of those that come, so it has to be asked.
      long pause = FIRST_PAUSE;
      while (find(socket, protocol, port).isEmpty()) {
        long left = end - System.nanoTime();
        if (left <= 0) {
          return false;
        }
        TimeUnit.NANOSECONDS.sleep(Math.min(pause, left));
        pause = Math.min(2 * pause, LONGEST_PAUSE);
      }
      return true;
    }
  }

  /**
   * Finds by what a port can be reached from a stranger's address.
   *
   * @throws LinuxException when the kernel refuses
   */
  static Set<Family> find(InsideSockets inside, Protocol protocol, int port) {
    try (NetlinkSocket socket = inside.netlink(NETLINK_SOCK_DIAG)) {
      return find(socket, protocol, port);
    }
  }

  private static Set<Family> find(NetlinkSocket socket, Protocol protocol, int port) {
    Set<Family> found = EnumSet.noneOf(Family.class);
    for (Family family : Family.values()) {
      for (NetlinkMessage answer : ask(socket, protocol, port, family)) {
        MemorySegment body = answer.body();
        if (answer.type() == SOCK_DIAG_BY_FAMILY
            && Short.toUnsignedInt(body.get(PORT, ANSWER_PORT)) == port) {
          add(found, family, answer);
        }
      }
    }
    return found;
  }

  private static Iterable<NetlinkMessage> ask(
      NetlinkSocket socket, Protocol protocol, int port, Family family) {
    boolean tcp = protocol == Protocol.TCP;
    try {
      return socket.dump(
          NetlinkMessage.request(
              "SOCK_DIAG_BY_FAMILY " + protocol + " port " + port,
              SOCK_DIAG_BY_FAMILY,
              0,
              body -> body.struct(REQUEST, request -> fill(request, tcp, port, family))));
    } catch (LinuxException e) {
      if (e.is(Errno.ENOENT)) {
        throw e.withRemedy(
            "the kernel was built without CONFIG_INET_DIAG or, of UDP, CONFIG_INET_UDP_DIAG, or"
                + " cannot load the module");
      }
      throw e;
    }
  }

  private static void fill(MemorySegment request, boolean tcp, int port, Family family) {
    request.set(ValueLayout.JAVA_BYTE, 0, (byte) family.number);
    request.set(ValueLayout.JAVA_BYTE, PROTOCOL, (byte) (tcp ? IPPROTO_TCP : IPPROTO_UDP));
    request.set(ValueLayout.JAVA_INT_UNALIGNED, STATES, tcp ? 1 << TCP_LISTEN : 1 << TCP_CLOSE);
    request.set(PORT, REQUEST_PORT, (short) port);
  }

  private static void add(Set<Family> found, Family family, NetlinkMessage answer) {
    byte[] address =
        answer
            .body()
            .asSlice(ANSWER_ADDRESS, family == Family.V4 ? 4 : 16)
            .toArray(ValueLayout.JAVA_BYTE);
    if (isLoopback(address)) {
      return;
    }
    found.add(family);
    boolean v6Only =
        answer
            .attributes(ANSWER_SIZE)
            .get(INET_DIAG_SKV6ONLY)
            .map(Attribute::u8)
            .filter(value -> value != 0)
            .isPresent();
    if (family == Family.V6 && Arrays.equals(address, new byte[16]) && !v6Only) {
      found.add(Family.V4);
    }
  }

  private static boolean isLoopback(byte[] address) {
    if (address.length == 4) {
      return address[0] == 127;
    }
    byte[] one = new byte[16];
    one[15] = 1;
    return Arrays.equals(address, one) || (isMapped(address) && address[12] == 127);
  }

  private static boolean isMapped(byte[] address) {
    byte[] start = new byte[12];
    start[10] = (byte) 0xff;
    start[11] = (byte) 0xff;
    return Arrays.equals(Arrays.copyOf(address, 12), start);
  }
}
