package dev.belljar.namespaces.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.belljar.linux.Errno;
import dev.belljar.linux.LinuxException;
import dev.belljar.linux.testing.KernelTest;
import dev.belljar.linux.testing.OwnNetwork;
import dev.belljar.linux.testing.RequiresRoot;
import dev.belljar.linux.testing.WarmUp;
import dev.belljar.linux.uapi.Uapi;
import dev.belljar.namespaces.Namespace;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Tables of the firewall in a namespace of the test's own. */
@KernelTest
@RequiresRoot
class FirewallTableTest {
  private static final List<FirewallRule> RULES =
      List.of(
          new FirewallRule.Isolate("br0", 7),
          new FirewallRule.Masquerade(IpNetwork.parse("10.1.0.0/20"), "br0"),
          new FirewallRule.Masquerade(IpNetwork.parse("fd00::/64"), "br0"),
          new FirewallRule.ForwardPort(
              FirewallRule.Transport.TCP, 80, InetAddress.ofLiteral("fd00::2"), 8080),
          new FirewallRule.ClassifyNetClass(0x10001, TrafficHandle.of(1, 0x10)));

  private OwnNetwork network;
  private Namespace namespace;

  @WarmUp
  static void openASocket() throws SocketException {
    new DatagramSocket().close();
  }

  @BeforeEach
  void make() {
    network = OwnNetwork.make();
    namespace = Namespace.open(network.path());
  }

  @AfterEach
  void close() {
    namespace.close();
    network.close();
  }

  @Test
  void anOwnedTableIsNobodyElsesAndEndsWithItsSocket() {
    try (FirewallTable table = FirewallTable.owned(namespace, "ours")) {
      table.set(RULES);
      table.set(RULES.subList(0, 2));
      assertThatExceptionOfType(LinuxException.class)
          .isThrownBy(() -> FirewallTable.delete(namespace, "ours"))
          .matches(e -> e.is(Errno.EPERM));
      assertThatExceptionOfType(LinuxException.class)
          .isThrownBy(() -> FirewallTable.owned(namespace, "ours"))
          .matches(e -> e.is(Errno.EEXIST) || e.is(Errno.EPERM));
      assertThat(FirewallTable.markedTables(namespace)).isEmpty();
    }
    FirewallTable.owned(namespace, "ours").close(); // the name is free again
  }

  @Test
  void aMarkedTableStaysUntilItIsDeleted() {
    FirewallTable.marked(namespace, "kept").close();
    assertThat(FirewallTable.markedTables(namespace)).containsExactly("kept");
    FirewallTable.delete(namespace, "kept");
    assertThat(FirewallTable.markedTables(namespace)).isEmpty();
    assertThatExceptionOfType(LinuxException.class)
        .isThrownBy(() -> FirewallTable.delete(namespace, "kept"))
        .matches(e -> e.is(Errno.ENOENT));
  }

  @Test
  void rulesThatCannotBeLeaveThoseThatAre() {
    try (FirewallTable table = FirewallTable.owned(namespace, "ours")) {
      table.set(RULES);
      FirewallRule none = new FirewallRule.ClassifyCgroup(1, 100_000, TrafficHandle.of(1, 1));
      assertThatExceptionOfType(LinuxException.class)
          .isThrownBy(() -> table.set(List.of(none)))
          .withMessageContaining("NFT_MSG_NEWRULE ours ClassifyCgroup");
      table.set(List.of());
    }
  }

  @Test
  void aPortIsForwardedToSomebodyElse() throws Exception {
    try (OwnNetwork client = OwnNetwork.make();
        OwnNetwork server = OwnNetwork.make();
        FirewallTable table = FirewallTable.owned(namespace, "ours")) {
      for (OwnNetwork other : List.of(client, server)) {
        String subnet = other.equals(client) ? "10.1.0." : "10.2.0.";
        String link = other.equals(client) ? "left" : "right";
        network.run("ip", "link", "add", link, "type", "veth", "peer", "e0", "netns", other.path());
        network.run("ip", "addr", "add", subnet + "1/24", "dev", link);
        network.run("ip", "link", "set", link, "up");
        other.run("ip", "addr", "add", subnet + "2/24", "dev", "e0");
        other.run("ip", "link", "set", "e0", "up");
        other.run("ip", "route", "add", "default", "via", subnet + "1");
      }
      network.run("sh", "-c", "echo 1 > /proc/sys/net/ipv4/ip_forward");
      try (DatagramSocket receiver =
          server.inside(() -> new DatagramSocket(new InetSocketAddress("10.2.0.2", 0)))) {
        table.set(
            List.of(
                new FirewallRule.ForwardPort(
                    FirewallRule.Transport.UDP,
                    53,
                    InetAddress.ofLiteral("10.2.0.2"),
                    receiver.getLocalPort())));
        client.inside(() -> {
          try (DatagramSocket sender = new DatagramSocket()) {
            sender.send(new DatagramPacket(new byte[3], 3, InetAddress.ofLiteral("10.1.0.1"), 53));
          }
          return 0;
        });
        receiver.setSoTimeout(10_000);
        DatagramPacket packet = new DatagramPacket(new byte[9], 9);
        receiver.receive(packet);
        assertThat(packet.getLength()).isEqualTo(3);
        assertThat(packet.getAddress()).isEqualTo(InetAddress.ofLiteral("10.1.0.2"));
      }
    }
  }

  @Test
  void nobodyDropsForwardedPacketsInANewNamespace() {
    try (FirewallTable table = FirewallTable.owned(namespace, "ours")) {
      table.set(RULES);
      assertThat(FirewallTable.forwardDrops(namespace)).isEmpty();
    }
  }

  @Test
  void whoDropsForwardedPacketsIsFound() {
    network.dropForwarded("strict", "policy");
    network.dropForwardedByRule("ending", "rule");
    network.dropForwarded("six", "only", Uapi.NFPROTO_IPV6());
    assertThat(FirewallTable.forwardDrops(namespace, false))
        .containsExactlyInAnyOrder("strict/policy", "ending/rule");
    assertThat(FirewallTable.forwardDrops(namespace))
        .containsExactlyInAnyOrder("strict/policy", "ending/rule", "six/only");
  }
}
