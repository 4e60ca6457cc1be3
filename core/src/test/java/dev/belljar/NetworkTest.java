package dev.belljar;

import static dev.belljar.namespaces.NamespaceType.NET;
import static dev.belljar.namespaces.NamespaceType.UTS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.belljar.linux.Signal;
import dev.belljar.linux.testing.Effort;
import dev.belljar.linux.testing.MakesMounts;
import dev.belljar.linux.testing.RequiresRoot;
import dev.belljar.linux.testing.RequiresTool;
import dev.belljar.namespaces.Namespace;
import dev.belljar.namespaces.net.BridgeNetwork;
import dev.belljar.namespaces.net.Network;
import dev.belljar.rootfs.Mount;
import dev.belljar.rootfs.Rootfs;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Containers in networks of a namespace of the test's own, which plays the host. */
@MakesMounts
@RequiresRoot
@RequiresTool("ip")
class NetworkTest extends BridgedTest {
  @Test
  void aContainerOfABridgeHasItsLinkBeforeItsCommandRuns() {
    ContainerBuilder builder = sh("ip -o addr show eth0; ip route").network(lan());
    assertThat(Outcome.of(builder).output())
        .contains("inet 10.88.0.2/24")
        .contains("default via 10.88.0.1 dev eth0");
    assertThat(links()).doesNotContain("lan0");
  }

  @Test
  void allIsTakenBackHoweverAContainerEnds() {
    try (Container first = sh("cat").network(lan()).start();
        Container second = resident().network(lan()).rootless().start()) {
      assertThat(first.addresses()).containsExactly(InetAddress.ofLiteral("10.88.0.2"));
      assertThat(second.addresses()).containsExactly(InetAddress.ofLiteral("10.88.0.3"));
      assertThat(Outcome.of(second.exec("ip", "-o", "addr", "show", "eth0")).output())
          .contains("10.88.0.3/24");
      first.signal(Signal.SIGKILL);
      var _ = first.process().onExit().join();
      assertThat(hostNetwork.run("ip", "route", "show", "table", "48657")).contains("10.88.0.3");
      assertThat(first.addresses()).isNotEmpty();
    }
    assertThat(links()).doesNotContain("lan0").doesNotContain("bj");
    assertThatThrownBy(() -> Container.builder().command("/no/such/command").network(lan()).start())
        .isInstanceOf(ContainerException.class);
    assertThat(links()).doesNotContain("lan0").doesNotContain("bj");
  }

  @Test
  void aContainerThatCannotBeAttachedDoesNotStart() {
    hostNetwork.run("ip", "link", "add", "lan0", "type", "bridge");
    assertThatThrownBy(() -> sh("cat").network(lan()).start())
        .isInstanceOf(ContainerException.class)
        .hasMessageContaining("putting the container into its network")
        .hasMessageContaining("somebody else made the bridge");
    assertThat(links()).doesNotContain("bj");
  }

  @Test
  void aContainerWithALinkToTheOutsideCannotForgePackets() {
    String capabilities = "grep CapEff /proc/self/status";
    String lonely = Outcome.of(sh(capabilities)).output();
    String linked = Outcome.of(sh(capabilities).network(lan())).output();
    long lost =
        Long.parseLong(lonely.split("\\s+")[1], 16) ^ Long.parseLong(linked.split("\\s+")[1], 16);
    assertThat(lost).isEqualTo(1L << 13); // CAP_NET_RAW
  }

  @Test
  void containersOfOneBridgeFindEachOtherByNameAndNotAThirdOnAnother() throws Exception {
    BridgeNetwork other = Network.bridge("lan1", "10.89.0.0/24").in(host);
    try (Container web = resident().hostname("web").network(lan()).start();
        Container client = resident().hostname("client").network(lan()).start();
        Container third = resident().hostname("third").network(other).start()) {
      assertThat(Outcome.of(client.exec("cat", "/etc/resolv.conf")).output())
          .isEqualTo("nameserver 10.88.0.1");
      assertThat(Outcome.of(client.exec("cat", "/etc/hosts")).output())
          .endsWith("10.88.0.3 client");
      assertThat(Outcome.of(client.exec("getent", "ahostsv4", "web")).output())
          .startsWith("10.88.0.2");
      assertThat(Outcome.of(third.exec("getent", "hosts", "third")).output())
          .startsWith("10.89.0.2");
      assertThat(Outcome.of(third.exec("getent", "ahostsv4", "web")).status().isSuccess())
          .isFalse();
      assertThat(web.addresses()).containsExactly(InetAddress.ofLiteral("10.88.0.2"));
    }
  }

  @Test
  void containersOfTwoJvmsOnOneBridgeHaveAddressesOfTheirOwnAndFindEachOther() throws Exception {
    Effort.assumeNotEmulated(); // it takes another JVM
    List<String> onTheHost = List.of("nsenter", "--net=" + hostNetwork.path(), "--");
    List<String> options = List.of("--enable-native-access=ALL-UNNAMED");
    ProcessHandle theirs;
    try (ChildJvm jvm = ChildJvm.start(onTheHost, options, HoldsABridge.class)) {
      theirs = ProcessHandle.of(Integer.parseInt(jvm.output().readLine())).orElseThrow();
      try (Container ours = resident().hostname("ours").network(lan()).start()) {
        assertThat(ours.addresses()).containsExactly(InetAddress.ofLiteral("10.88.0.3"));
        assertThat(Outcome.of(ours.exec("getent", "ahostsv4", "theirs")).output())
            .startsWith("10.88.0.2");
      }
      assertThat(links()).contains("lan0"); // where theirs is
    }
    Await.until("the container has ended with its JVM", () -> !theirs.isAlive());
    var _ = Belljar.sweep(); // the group that it left
  }

  @Test
  void filesOfTheNetworkCoverNothingThatWasAskedFor(@TempDir Path folder) throws IOException {
    Path hosts = Files.writeString(folder.resolve("hosts"), "mine");
    String script = "cat /etc/hosts; echo; cat /etc/resolv.conf";
    assertThat(
            run(sh(script).network(lan()).mount(Mount.bind(hosts.toString(), "/etc/hosts")))
                .output()
                .lines())
        .startsWith("mine")
        .endsWith("nameserver 10.88.0.1");
    assertThat(
            run(sh(script)
                    .network(lan())
                    .rootfs(Rootfs.host().hide("/etc/hosts").hide("/etc/resolv.conf")))
                .output())
        .isEmpty();
    assertThat(run(sh(script).network(lan()).mount(Mount.tmpfs("/dev"))).output())
        .contains("localhost")
        .endsWith("nameserver 10.88.0.1");
  }

  @Test
  void thePlanNamesAForeignFirewallThatDropsWhatIsForwarded() {
    assertThat(sh("true").network(lan()).build().plan().warnings())
        .noneMatch(warning -> warning.contains("firewall"));
    hostNetwork.dropForwarded("strict", "gate");
    assertThat(sh("true").network(lan()).build().plan().warnings())
        .anySatisfy(warning ->
            assertThat(warning)
                .startsWith("somebody else's firewall chain strict/gate drops what is forwarded")
                .contains("lets lan0 pass"));
  }

  @Test
  @RequiresTool("busybox")
  void aContainerOfAMacvlanIsOnTheNetworkOfItsParent() {
    hostNetwork.run("ip", "link", "add", "up0", "type", "veth", "peer", "name", "far0");
    hostNetwork.run("ip", "link", "set", "up0", "up");
    hostNetwork.run("ip", "link", "set", "far0", "up");
    hostNetwork.run("ip", "addr", "add", "10.7.0.1/24", "dev", "far0");
    Network lan = Network.macvlan("up0").address("10.7.0.9/24").gateway("10.7.0.1").in(host);
    try (Container container = resident().network(lan).start()) {
      assertThat(container.addresses()).containsExactly(InetAddress.ofLiteral("10.7.0.9"));
      assertThat(Outcome.of(container.exec("ip", "-o", "addr", "show", "eth0")).output())
          .contains("10.7.0.9/24");
      assertThat(Outcome.of(container.exec("ip", "route")).output())
          .contains("default via 10.7.0.1 dev eth0");
      assertThat(hostNetwork.run("busybox", "ping", "-c", "1", "-w", "20", "10.7.0.9"))
          .contains("1 packets received");
    }
    assertThat(links()).contains("up0").doesNotContain("eth0");
  }

  @Test
  void anInterfaceOfTheHostIsTheContainersAndThenTheHostsAgain() {
    hostNetwork.run("ip", "link", "add", "card0", "mtu", "1400", "type", "veth", "peer", "far0");
    hostNetwork.run("ip", "link", "set", "far0", "up");
    hostNetwork.run("ip", "addr", "add", "10.7.0.1/24", "dev", "card0");
    hostNetwork.run("ip", "link", "set", "card0", "up");
    hostNetwork.run("ip", "route", "add", "10.8.0.0/16", "via", "10.7.0.2", "proto", "static");
    String before = hostNetwork.run("ip", "route");
    for (boolean killed : new boolean[] {false, true}) {
      try (Container container =
          resident().network(Network.move("card0").as("eth0").in(host)).start()) {
        assertThat(Outcome.of(container.exec("ip", "route")).output())
            .contains("10.8.0.0/16 via 10.7.0.2 dev eth0");
        assertThat(links()).doesNotContain("card0@");
        if (killed) {
          container.signal(Signal.SIGKILL);
          var _ = container.onExit().join();
        }
      }
      assertThat(hostNetwork.run("ip", "-o", "link", "show", "card0")).contains("mtu 1400", "UP");
      assertThat(hostNetwork.run("ip", "route")).isEqualTo(before);
    }
  }

  @Test
  void withoutANetworkThereIsOnlyLoopback() {
    String links = "ip -o link";
    assertThat(Outcome.of(sh(links)).output()).contains("lo: <LOOPBACK,UP").doesNotContain("eth");
    assertThat(Outcome.of(sh(links).network(Network.none())).output()).contains("LOOPBACK,UP");
    assertThat(Outcome.of(sh(links).network(Network.none().withoutLoopback())).output())
        .contains("lo: <LOOPBACK>");
  }

  @Test
  void theHostsNetworkAndThatOfAnotherContainerCanBeShared() {
    String which = "readlink /proc/self/ns/net";
    try (Namespace own = Namespace.current(NET)) {
      assertThat(Outcome.of(sh(which).network(Network.host())).output()).isEqualTo(own.toString());
    }
    try (Container other = resident().start();
        Namespace network = other.namespace(NET)) {
      assertThat(Outcome.of(sh(which).network(Network.join(network))).output())
          .isEqualTo(network.toString());
    }
  }

  @Test
  void contradictionsAreToldAtOnce() {
    try (Namespace own = Namespace.current(NET)) {
      assertThatThrownBy(() -> sh("x").network(Network.host()).namespaces(NET, UTS).build())
          .hasMessageContaining("excludes NET");
      assertThatThrownBy(() -> sh("x").network(Network.none()).namespaces(UTS).build())
          .hasMessageContaining("needs NET");
      assertThatThrownBy(() -> sh("x").network(Network.none()).join(own).build())
          .hasMessageContaining("network and a joined NET namespace exclude each other");
    }
  }
}
