package dev.belljar.namespaces.net;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belljar.linux.Errno;
import dev.belljar.linux.LinuxException;
import dev.belljar.linux.testing.KernelTest;
import dev.belljar.linux.testing.OwnNetwork;
import dev.belljar.linux.testing.RequiresRoot;
import dev.belljar.linux.testing.RequiresTool;
import dev.belljar.namespaces.Namespace;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Kinds of links, disciplines and filters that many kernels lack, as ip(8) and tc(8) see them. */
@KernelTest
@RequiresRoot
@RequiresTool({"ip", "tc"})
class OptionalKindsTest {
  private static final TrafficHandle TREE = TrafficHandle.of(1, 0);

  private OwnNetwork here;
  private NetworkStack network;
  private Link link;

  @BeforeEach
  void makeALink() {
    here = OwnNetwork.make();
    try (Namespace namespace = Namespace.open(here.path())) {
      network = NetworkStack.of(namespace);
    }
    network.links().create(LinkSpec.veth("veth0", LinkSpec.named("veth1")));
    link = network.links().get("veth0");
  }

  @AfterEach
  void close() {
    network.close();
    here.close();
  }

  private static void orSkip(String kind, Runnable making) {
    try {
      making.run();
    } catch (LinuxException e) {
      Assumptions.assumeFalse(
          e.is(Errno.EOPNOTSUPP) || e.is(Errno.ENOENT), "needs " + kind + " in the kernel");
      throw e;
    }
  }

  @Test
  void aDummyGoesNowhere() {
    orSkip("dummy links", () -> network.links().create(LinkSpec.dummy("nowhere")));
    Link dummy = network.links().get("nowhere");
    assertThat(dummy.kind()).contains("dummy");
    network.links().up(dummy);
    network.addresses().add(dummy, IpNetwork.parse("10.3.0.1/24"));
    assertThat(here.run("ip", "-d", "link", "show", "nowhere")).contains("dummy", "UP");
    assertThat(here.run("ip", "route")).contains("10.3.0.0/24 dev nowhere");
    network.links().delete(dummy);
    assertThat(network.links().find("nowhere")).isEmpty();
  }

  @Test
  void aVlanIsOnItsParent() {
    orSkip("VLANs", () -> network.links().create(LinkSpec.vlan("lan.42", link, 42)));
    Link vlan = network.links().get("lan.42");
    assertThat(vlan.kind()).contains("vlan");
    assertThat(vlan.parent()).hasValue(link.index());
    assertThat(here.run("ip", "-d", "link", "show", "lan.42"))
        .contains("lan.42@veth0", "vlan protocol 802.1Q id 42");
  }

  @Test
  void flowsShareAClassFairly() {
    TrafficControl control = network.trafficControl();
    TrafficHandle flow = TrafficHandle.of(1, 0x10);
    control.htb(link, TREE, 0x10);
    control.htbClass(link, TREE, flow, 125_000, 1_250_000);
    orSkip("fq_codel", () -> control.fqCodel(link, flow, TrafficHandle.of(0x10, 0)));
    assertThat(here.run("tc", "qdisc", "show", "dev", "veth0"))
        .contains("htb 1: root", "fq_codel 10: parent 1:10");
  }

  @Test
  void theGroupOfTheSenderChoosesTheClass() {
    TrafficControl control = network.trafficControl();
    control.htb(link, TREE, 0x10);
    orSkip("the cgroup classifier", () -> control.cgroupClassifier(link, TREE));
    assertThat(here.run("tc", "filter", "show", "dev", "veth0"))
        .containsPattern("filter parent 1: protocol all pref 3 cgroup .*handle 0x1");
  }
}
