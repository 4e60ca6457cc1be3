package dev.belljar.namespaces.net;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belljar.linux.testing.KernelTest;
import dev.belljar.linux.testing.OwnNetwork;
import dev.belljar.linux.testing.RequiresRoot;
import dev.belljar.linux.testing.RequiresTool;
import dev.belljar.namespaces.Namespace;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Traffic control as tc(8) sees it. */
@KernelTest
@RequiresRoot
@RequiresTool("tc")
class TrafficControlTest {
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

  @Test
  void aLinkIsHeldToARate() {
    network.trafficControl().tbf(link, 1_250_000);
    assertThat(here.run("tc", "qdisc", "show", "dev", "veth0"))
        .contains("tbf 1: root", "rate 10Mbit", "burst 25000b");
    assertThat(network.trafficControl().disciplines())
        .contains(new TrafficControl.Discipline(link.index(), "tbf", TREE, TrafficHandle.ROOT));
    network.trafficControl().remove(link);
    assertThat(here.run("tc", "qdisc", "show", "dev", "veth0")).doesNotContain("tbf");
    network.trafficControl().tbf(link, 5_000_000_000L);
    assertThat(here.run("tc", "qdisc", "show", "dev", "veth0")).contains("rate 40Gbit");
  }

  @Test
  void classesShareALinkAndFiltersChooseThem() {
    TrafficControl control = network.trafficControl();
    control.htb(link, TREE, 0x20);
    control.htbClass(link, TREE, TrafficHandle.of(1, 0x10), 125_000, 1_250_000);
    control.htbClass(link, TREE, TrafficHandle.of(1, 0x20), 500_000, 1_250_000);
    control.matchSource(link, TREE, IpNetwork.parse("10.1.0.0/20"), TrafficHandle.of(1, 0x10));
    control.matchDestination(link, TREE, IpNetwork.parse("fd00:1::/40"), TrafficHandle.of(1, 0x20));
    control.ingress(link);

    assertThat(here.run("tc", "qdisc", "show", "dev", "veth0"))
        .contains("htb 1: root", "default 0x20", "ingress ffff:");
    assertThat(here.run("tc", "class", "show", "dev", "veth0"))
        .contains("class htb 1:10 root", "rate 1Mbit ceil 10Mbit", "rate 4Mbit ceil 10Mbit");
    assertThat(here.run("tc", "filter", "show", "dev", "veth0"))
        .contains("flowid 1:10", "match 0a010000/fffff000 at 12")
        .contains("flowid 1:20", "match fd000001/ffffffff at 24", "match 00000000/ff000000 at 28");
  }
}
