package dev.belljar.namespaces.attach;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.belljar.linux.Errno;
import dev.belljar.linux.LinuxException;
import dev.belljar.linux.testing.OwnNetwork;
import dev.belljar.linux.testing.RequiresRoot;
import dev.belljar.namespaces.net.BridgeNetwork;
import dev.belljar.namespaces.net.Network;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Namespaces that play containers, put into networks of a namespace that plays the host. */
@RequiresRoot
class AttachmentTest extends AttachedTest {
  private static void sendAndReceive(OwnNetwork from, OwnNetwork to, InetAddress address) {
    DatagramSocket receiver =
        to.inside(() -> new DatagramSocket(new InetSocketAddress(address, 0)));
    try (receiver) {
      receiver.setSoTimeout(10_000);
      from.inside(() -> {
        try (DatagramSocket sender = new DatagramSocket()) {
          sender.send(new DatagramPacket(new byte[] {42}, 1, receiver.getLocalSocketAddress()));
        }
        return 0;
      });
      DatagramPacket packet = new DatagramPacket(new byte[9], 9);
      receiver.receive(packet);
      assertThat(packet.getLength()).isEqualTo(1);
    } catch (IOException e) {
      throw new AssertionError("nothing came to " + address, e);
    }
  }

  @Test
  void containersOfOneBridgeReachEachOtherAndTheBridgeGoesWithTheLast() {
    Attachment one = attach(lan().ipv6("fd00:88::/64"), first, "one");
    Attachment two = attach(lan().ipv6("fd00:88::/64"), second, "two");

    assertThat(one.addresses())
        .containsExactly(InetAddress.ofLiteral("10.88.0.2"), InetAddress.ofLiteral("fd00:88::2"));
    assertThat(two.addresses()).first().isEqualTo(InetAddress.ofLiteral("10.88.0.3"));
    sendAndReceive(first, second, two.addresses().getFirst());
    sendAndReceive(second, first, one.addresses().getFirst());
    sendAndReceive(first, second, two.addresses().getLast());
    assertThat(first.run("ip", "route")).contains("default via 10.88.0.1 dev eth0");
    assertThat(first.run("ip", "-6", "route")).contains("default via fd00:88::1 dev eth0");
    assertThat(links()).contains("lan0", "belljar bridge").containsPattern("02:be:0a:58:00:01");
    assertThat(hostNetwork.run("ip", "link"))
        .containsPattern("alias belljar port [0-9a-f]{16} one 10.88.0.2");

    one.close();
    assertThat(links()).contains("lan0");
    one.close();
    two.close();
    assertThat(links()).doesNotContain("lan0").doesNotContain("bj");
    assertThat(hostNetwork.run("ip", "route", "show", "table", "all")).doesNotContain("10.88");
  }

  @Test
  void containersOfTwoBridgesDoNotReachEachOtherThoughTheHostForwards() throws Exception {
    attach(lan().ipv6("fd00:88::/64").enableForwarding(), first, "one");
    BridgeNetwork lan1 = Network.bridge("lan1", "10.89.0.0/24").ipv6("fd00:89::/64").in(host);
    Attachment other = attach(lan1, second, "two");
    assertThat(hostNetwork.run("cat", "/proc/sys/net/ipv4/ip_forward")).isEqualTo("1\n");
    assertThat(hostNetwork.run("cat", "/proc/sys/net/ipv6/conf/all/forwarding")).isEqualTo("1\n");

    for (InetAddress address : other.addresses()) {
      assertThat(firstToArrive(address)).isEqualTo((byte) 2); // what came from the host
    }
  }

  @Test
  void noSettingOfTheHostsNetworkChangesUnlessAsked() {
    hostNetwork.run("ip", "link", "add", "card0", "type", "veth", "peer", "far0");
    List<String> before = settings();
    Attachment attachment = attach(lan().ipv6("fd00:88::/64"), first, "one");
    assertThat(settings()).containsAll(before);
    assertThat(hostNetwork.run("cat", "/proc/sys/net/ipv6/conf/lan0/accept_ra")).isEqualTo("0\n");
    assertThat(first.run("cat", "/proc/sys/net/ipv6/conf/eth0/accept_ra")).isEqualTo("0\n");
    assertThat(hostNetwork.run("ip", "-6", "addr", "show", "lan0")).contains("nodad");
    assertThat(first.run("ip", "-6", "addr", "show", "eth0")).contains("fd00:88::2/64", "nodad");
    attachment.close();
    assertThat(settings()).containsAll(before);
  }

  /** All sysctls of the host's network, but for counters. Links and modules that come add some. */
  private List<String> settings() {
    return hostNetwork
        .run("sh", "-c", "grep -rs '' /proc/sys/net || true") // some cannot be read
        .lines()
        .filter(line -> !line.matches(".*(random|_count:|stat_refresh|fib_sync).*"))
        .toList();
  }

  /** Sends 1 from the first container, then 2 from the host, to the second. */
  private byte firstToArrive(InetAddress address) throws Exception {
    try (DatagramSocket receiver =
        second.inside(() -> new DatagramSocket(new InetSocketAddress(address, 0)))) {
      receiver.setSoTimeout(10_000);
      for (OwnNetwork from : List.of(first, hostNetwork)) {
        byte number = (byte) (from.equals(first) ? 1 : 2);
        from.inside(() -> {
          try (DatagramSocket sender = new DatagramSocket()) {
            sender.send(
                new DatagramPacket(new byte[] {number}, 1, receiver.getLocalSocketAddress()));
          }
          return 0;
        });
      }
      DatagramPacket packet = new DatagramPacket(new byte[9], 9);
      receiver.receive(packet);
      return packet.getData()[0];
    }
  }

  @Test
  void containersFindEachOtherByNameAndNotThoseOfOtherBridges() {
    attach(lan(), first, "one");
    attach(Network.bridge("lan1", "10.89.0.0/24").in(host), second, "two");
    try (OwnNetwork third = OwnNetwork.make()) {
      attach(lan(), third, "three");
      byte[] found = ask(first, "10.88.0.1", "three");
      assertThat(Arrays.copyOfRange(found, found.length - 4, found.length))
          .containsExactly(10, 88, 0, 3);
      byte[] unknown = ask(first, "10.88.0.1", "two"); // which the host's servers do not know
      assertThat(unknown[3] & 0xf).isNotZero();
      assertThat(ask(second, "10.89.0.1", "two")[7]).isEqualTo((byte) 1);
    }
  }

  private static byte[] ask(OwnNetwork from, String server, String name) {
    byte[] label = name.getBytes(StandardCharsets.US_ASCII);
    byte[] query =
        ByteBuffer.allocate(18 + label.length)
            .put(new byte[] {0, 1, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, (byte) label.length})
            .put(label)
            .put(new byte[] {0, 0, 1, 0, 1})
            .array();
    DatagramSocket socket = from.inside(() -> new DatagramSocket());
    try (socket) {
      socket.setSoTimeout(30_000);
      socket.connect(InetAddress.ofLiteral(server), 53);
      socket.send(new DatagramPacket(query, query.length));
      DatagramPacket packet = new DatagramPacket(new byte[512], 512);
      socket.receive(packet);
      return Arrays.copyOf(packet.getData(), packet.getLength());
    } catch (IOException e) {
      throw new AssertionError(server + " does not answer", e);
    }
  }

  @Test
  void whatLeavesTheBridgeHasTheHostsAddress() throws Exception {
    hostNetwork.run(
        "ip",
        "link",
        "add",
        "out0",
        "type",
        "veth",
        "peer",
        "name",
        "far0",
        "netns",
        second.path());
    hostNetwork.run("ip", "link", "set", "out0", "up");
    hostNetwork.run("ip", "addr", "add", "10.7.0.1/24", "dev", "out0");
    second.run("ip", "link", "set", "far0", "up");
    second.run("ip", "addr", "add", "10.7.0.2/24", "dev", "far0");
    attach(lan().enableForwarding(), first, "one");

    DatagramPacket packet = new DatagramPacket(new byte[9], 9);
    try (DatagramSocket receiver =
        second.inside(() -> new DatagramSocket(new InetSocketAddress("10.7.0.2", 0)))) {
      receiver.setSoTimeout(10_000);
      first.inside(() -> {
        try (DatagramSocket sender = new DatagramSocket()) {
          sender.send(new DatagramPacket(new byte[1], 1, receiver.getLocalSocketAddress()));
        }
        return 0;
      });
      receiver.receive(packet);
    }
    assertThat(packet.getAddress()).isEqualTo(InetAddress.ofLiteral("10.7.0.1"));
  }

  @Test
  void bothEndsOfACableAreHeldToTheirRates() {
    attach(lan().rate(1_250_000, 125_000), first, "one");
    assertThat(hostNetwork.run("tc", "qdisc")).containsPattern("tbf .* dev bj.* rate 10Mbit");
    assertThat(first.run("tc", "qdisc")).containsPattern("tbf .* dev eth0 .*rate 1Mbit");
  }

  @Test
  void addressesAreLeasesThatTheKernelKeeps() {
    BridgeNetwork small = Network.bridge("lan0", "10.88.0.0/29").in(host);
    List<Attachment> attached = new ArrayList<>();
    for (int i = 2; i <= 6; i++) {
      OwnNetwork container = OwnNetwork.make();
      made.add(container);
      attached.add(attach(small, container, "n" + i));
      assertThat(attached.getLast().addresses())
          .containsExactly(InetAddress.ofLiteral("10.88.0." + i));
    }
    assertThatExceptionOfType(LinuxException.class)
        .isThrownBy(() -> attach(small, first, "late"))
        .matches(e -> e.is(Errno.EADDRNOTAVAIL))
        .withMessageContaining("all its addresses are in use");
    assertThatExceptionOfType(LinuxException.class)
        .isThrownBy(() -> attach(small.address("10.88.0.4"), first, "late"))
        .matches(e -> e.is(Errno.EADDRINUSE));
    assertThat(first.run("ip", "-o", "link")).doesNotContain("eth0");
    assertThat(hostNetwork.run("ip", "route", "show", "table", "48657").lines()).hasSize(5);

    attached.get(2).close();
    assertThat(attach(small.address("10.88.0.4"), first, "late").addresses())
        .containsExactly(InetAddress.ofLiteral("10.88.0.4"));
  }

  @Test
  void aForeignBridgeIsUsedOnlyWhenAskedAndNeverDeleted() {
    hostNetwork.run("ip", "link", "add", "lan0", "type", "bridge");
    hostNetwork.run("ip", "addr", "add", "10.88.0.1/24", "dev", "lan0");
    hostNetwork.run("ip", "link", "set", "lan0", "up");

    assertThatExceptionOfType(LinuxException.class)
        .isThrownBy(() -> attach(lan(), first, "one"))
        .withMessageContaining("somebody else made the bridge");
    Attachment attachment = attach(lan().existingBridge(), first, "one");
    sendAndReceive(hostNetwork, first, attachment.addresses().getFirst());
    attachment.close();
    assertThat(links()).contains("lan0").doesNotContain("bj");
    assertThatExceptionOfType(LinuxException.class)
        .isThrownBy(() ->
            attach(Network.bridge("lan0", "10.9.0.0/24").in(host).existingBridge(), first, "x"))
        .withMessageContaining("has not the address 10.9.0.1/24");
  }

  @Test
  void subnetsOfTwoBridgesDoNotOverlap() {
    attach(lan(), first, "one");
    assertThatExceptionOfType(LinuxException.class)
        .isThrownBy(() -> attach(Network.bridge("lan1", "10.88.0.0/16").in(host), second, "two"))
        .withMessageContaining("overlaps 10.88.0.1/24");
    assertThat(links()).doesNotContain("lan1");
  }

  @Test
  void whatAKilledJvmLeftIsTakenOverOrSwept() {
    // as it is when the JVM is killed between making the bridge and marking it
    hostNetwork.run("ip", "link", "add", "lan0", "group", "48657", "type", "bridge");
    attach(lan(), first, "one").close();
    assertThat(links()).doesNotContain("lan0");

    // and when it is killed while containers run, which go with it
    attach(lan(), first, "one");
    hostNetwork.run("ip", "link", "add", "mine", "type", "bridge");
    first.run("ip", "link", "delete", "eth0");
    assertThat(Sweep.of(host)).containsExactly("lan0");
    assertThat(links()).doesNotContain("lan0").contains("mine");
  }

  @Test
  void aBridgeInUseIsNotSwept() {
    attach(lan(), first, "one");
    assertThat(Sweep.of(host)).isEmpty();
    assertThat(links()).contains("lan0");
  }

  @Test
  void aFailedAttachmentLeavesNothing() {
    first.run("ip", "link", "add", "eth0", "type", "bridge");
    assertThatExceptionOfType(LinuxException.class)
        .isThrownBy(() -> attach(lan(), first, "one"))
        .matches(e -> e.is(Errno.EEXIST))
        .withMessageContaining("putting the container into its network");
    assertThat(links()).doesNotContain("lan0").doesNotContain("bj");
  }

  @Test
  void aMacvlanIsOnTheNetworkOfItsParent() {
    hostNetwork.run("ip", "link", "add", "up0", "type", "veth", "peer", "name", "far0");
    hostNetwork.run("ip", "link", "set", "up0", "up");
    hostNetwork.run("ip", "link", "set", "far0", "up");
    hostNetwork.run("ip", "addr", "add", "10.7.0.1/24", "dev", "far0");

    Attachment attachment =
        attach(
            Network.macvlan("up0").address("10.7.0.9/24").gateway("10.7.0.1").in(host),
            first,
            "one");
    sendAndReceive(hostNetwork, first, InetAddress.ofLiteral("10.7.0.9"));
    assertThat(first.run("ip", "route")).contains("default via 10.7.0.1 dev eth0");
    attachment.close();
    assertThat(first.run("ip", "-o", "link")).doesNotContain("eth0");
    assertThat(links()).contains("up0");
  }
}
