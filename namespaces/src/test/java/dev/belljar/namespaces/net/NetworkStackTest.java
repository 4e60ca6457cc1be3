package dev.belljar.namespaces.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.belljar.linux.Errno;
import dev.belljar.linux.LinuxException;
import dev.belljar.linux.event.EventLoop;
import dev.belljar.linux.testing.KernelTest;
import dev.belljar.linux.testing.OwnNetwork;
import dev.belljar.linux.testing.RequiresRoot;
import dev.belljar.linux.testing.WarmUp;
import dev.belljar.namespaces.Namespace;
import dev.belljar.namespaces.NamespaceType;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.SocketException;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What ip(8) can do, done by netlink in namespaces of the test's own. */
@KernelTest
@RequiresRoot
class NetworkStackTest {
  private static final IpNetwork ADDRESS = IpNetwork.parse("10.1.0.1/24");

  private OwnNetwork here;
  private OwnNetwork there;
  private NetworkStack network;
  private Namespace other;

  @WarmUp
  static void startTheLoop() throws SocketException {
    EventLoop.shared();
    new DatagramSocket().close();
  }

  @BeforeEach
  void makeTwoNetworks() {
    here = OwnNetwork.make();
    there = OwnNetwork.make();
    other = Namespace.open(there.path());
    try (Namespace namespace = Namespace.open(here.path())) {
      network = NetworkStack.of(namespace);
    }
  }

  @AfterEach
  void close() {
    network.close();
    other.close();
    here.close();
    there.close();
  }

  private Link veth() {
    network.links().create(LinkSpec.veth("veth0", LinkSpec.named("veth1")));
    return network.links().get("veth0");
  }

  @Test
  void aNewNamespaceHasOnlyLoopbackWhichIsDown() {
    assertThat(network.links().all())
        .filteredOn(link -> link.name().equals("lo"))
        .singleElement()
        .satisfies(lo -> {
          assertThat(lo.up()).isFalse();
          assertThat(lo.kind()).isEmpty();
          assertThat(lo.mtu()).isEqualTo(65536);
        });
  }

  @Test
  void aLinkIsMadeChangedMovedAndDeleted() {
    Links links = network.links();
    links.create(
        LinkSpec.veth("veth0", LinkSpec.named("eth0").namespace(other).mtu(1400))
            .mtu(1400)
            .address(MacAddress.parse("02:00:00:00:00:01"))
            .group(7)
            .up());
    Link made = links.get("veth0");

    assertThat(made.kind()).contains("veth");
    assertThat(made.up()).isTrue();
    assertThat(made.mtu()).isEqualTo(1400);
    assertThat(made.group()).isEqualTo(7);
    assertThat(made.address().orElseThrow()).hasToString("02:00:00:00:00:01");
    assertThat(made.parentNamespace()).isPresent();
    assertThat(there.run("ip", "-o", "link", "show", "eth0")).contains("mtu 1400");

    links.down(made);
    links.rename(made, "cable");
    links.mtu(made, 1300);
    links.alias(made, "ours");
    links.address(made, MacAddress.parse("02:00:00:00:00:02"));
    Link changed = links.refreshed(made);
    assertThat(changed.name()).isEqualTo("cable");
    assertThat(changed.up()).isFalse();
    assertThat(changed.mtu()).isEqualTo(1300);
    assertThat(changed.alias()).contains("ours");
    assertThat(here.run("ip", "link", "show", "cable")).contains("02:00:00:00:00:02", "ours");

    links.delete(changed);
    assertThat(links.find("cable")).isEmpty();
    assertThat(there.run("ip", "-o", "link")).doesNotContain("eth0");
  }

  @Test
  void aLinkIsMovedToAnotherNamespaceUnderAnotherName() {
    Link veth = veth();

    network.links().move(veth, other, "moved");

    assertThat(network.links().find("veth0")).isEmpty();
    assertThat(there.run("ip", "-o", "link")).contains("moved");
  }

  @Test
  void bridgesTakePortsAndMacvlansSitOnLinks() {
    Links links = network.links();
    links.create(LinkSpec.bridge("br0"));
    Link bridge = links.get("br0");
    links.withoutLinkLocalAddress(bridge);
    links.up(bridge);
    links.create(LinkSpec.veth("port", LinkSpec.named("far")).master(bridge));
    links.create(LinkSpec.macvlan("mac0", links.get("far"), MacvlanMode.BRIDGE));

    assertThat(links.get("port").master()).hasValue(bridge.index());
    assertThat(links.get("mac0").parent()).hasValue(links.get("far").index());
    assertThat(links.get("mac0").kind()).contains("macvlan");
    links.release(links.get("port"));
    assertThat(links.get("port").master()).isEmpty();
    links.master(links.get("port"), bridge);
    assertThat(here.run("ip", "-o", "link", "show", "port")).contains("master br0");
    assertThat(network.addresses().of(bridge)).isEmpty();
  }

  @Test
  void addressesAndRoutesAreAddedListedAndRemoved() throws Exception {
    Link veth = veth();
    network.links().up(veth);
    network.links().up(network.links().get("veth1"));
    IpNetwork six = IpNetwork.parse("fd00::1/64");

    network.addresses().add(veth, ADDRESS);
    network.addresses().addUnchecked(veth, six);
    assertThat(network.addresses().of(veth))
        .extracting(LinkAddress::address)
        .contains(ADDRESS, six);
    assertThat(network.addresses().of(veth))
        .filteredOn(address -> address.address().equals(six))
        .singleElement()
        .satisfies(address -> assertThat(address.tentative()).isFalse());
    assertThat(here.run("ip", "-4", "addr", "show", "veth0")).contains("brd 10.1.0.255");

    Route byDefault =
        Route.to(IpNetwork.parse("0.0.0.0/0")).via(InetAddress.ofLiteral("10.1.0.254"));
    Route v6 = Route.to(IpNetwork.parse("fd01::/64")).via(InetAddress.ofLiteral("fd00::2"));
    Route elsewhere = Route.to(IpNetwork.parse("10.9.0.7")).on(veth).table(4711);
    network.routes().add(byDefault);
    network.routes().add(v6);
    network.routes().add(elsewhere);
    assertThat(network.routes().in(Route.MAIN))
        .anySatisfy(route -> {
          assertThat(route.destination()).isEqualTo(byDefault.destination());
          assertThat(route.gateway()).isEqualTo(byDefault.gateway());
          assertThat(route.link()).hasValue(veth.index());
        })
        .anySatisfy(route -> assertThat(route.gateway()).isEqualTo(v6.gateway()));
    assertThat(network.routes().in(4711)).singleElement().isEqualTo(elsewhere);
    assertThat(here.run("ip", "route")).contains("default via 10.1.0.254 dev veth0 proto static");

    assertThatExceptionOfType(LinuxException.class)
        .isThrownBy(() -> network.routes().add(elsewhere))
        .matches(e -> e.is(Errno.EEXIST));
    network.routes().remove(elsewhere);
    network.routes().remove(byDefault);
    network.addresses().remove(veth, ADDRESS);
    assertThat(network.routes().in(4711)).isEmpty();
    assertThat(here.run("ip", "-4", "addr", "show", "veth0")).doesNotContain("10.1.0.1");
  }

  @Test
  void neighboursAreSetListedAndRemoved() {
    Link veth = veth();
    network.links().up(veth);
    InetAddress address = InetAddress.ofLiteral("10.1.0.9");
    MacAddress hardware = MacAddress.parse("02:00:00:00:00:09");

    network.neighbours().set(veth, address, hardware);

    assertThat(network.neighbours().all())
        .contains(new Neighbour(veth.index(), address, Optional.of(hardware), true));
    assertThat(here.run("ip", "neigh")).contains("10.1.0.9 dev veth0 lladdr 02:00:00:00:00:09");
    network.neighbours().remove(veth, address);
    assertThat(network.neighbours().all())
        .noneMatch(neighbour -> neighbour.permanent() && neighbour.address().equals(address));
  }

  @Test
  void aLinkCountsWhatItCarries() throws Exception {
    Link veth = veth();
    network.links().move(network.links().get("veth1"), other);
    network.links().up(veth);
    network.addresses().add(veth, ADDRESS);
    there.run("ip", "link", "set", "veth1", "up");
    long before = network.links().refreshed(veth).statistics().sentPackets();

    here.inside(() -> { // nobody answers, but ARP asks
      try (var socket = new DatagramSocket()) {
        socket.send(new DatagramPacket(new byte[1], 1, InetAddress.ofLiteral("10.1.0.2"), 9));
      }
      return 0;
    });

    LinkStatistics after = network.links().refreshed(veth).statistics();
    assertThat(after.sentPackets()).isGreaterThan(before);
    assertThat(after.sentBytes()).isGreaterThan(41);
  }

  @Test
  void whatTheKernelRefusesIsSaidInItsOwnWords() {
    veth();
    assertThatExceptionOfType(LinuxException.class)
        .isThrownBy(() -> network.links().create(LinkSpec.bridge("veth0")))
        .matches(e -> e.is(Errno.EEXIST))
        .withMessageContaining("RTM_NEWLINK bridge veth0");
    assertThatExceptionOfType(LinuxException.class)
        .isThrownBy(() -> network.links().mtu(network.links().get("veth0"), 7))
        .matches(e -> e.is(Errno.EINVAL))
        .withMessageContaining("the kernel says: mtu less than device minimum");
    assertThatExceptionOfType(LinuxException.class)
        .isThrownBy(() -> network.links().get("none"))
        .matches(e -> e.is(Errno.ENODEV));
  }

  @Test
  void changesAreHeardOfAsTheyHappen() throws Exception {
    BlockingQueue<NetworkChange> changes = new LinkedBlockingQueue<>();
    try (Namespace namespace = Namespace.open(here.path());
        AutoCloseable _ = NetworkStack.watch(namespace, changes::add)) {
      Link veth = veth();
      network.links().up(veth);
      network.addresses().add(veth, ADDRESS);
      network.links().delete(veth);

      await(changes, NetworkChange.LinkChanged.class);
      await(changes, NetworkChange.AddressAdded.class);
      NetworkChange.LinkGone gone = await(changes, NetworkChange.LinkGone.class);
      assertThat(gone.link().name()).startsWith("veth");
    }
  }

  private static <T> T await(BlockingQueue<NetworkChange> changes, Class<T> type)
      throws InterruptedException {
    while (true) {
      NetworkChange change = changes.poll(10, TimeUnit.SECONDS);
      assertThat(change).as("waiting for " + type).isNotNull();
      if (type.isInstance(change)) {
        return type.cast(change);
      }
    }
  }

  @Test
  void aDumpIsWholeWhileLinksComeAndGo() throws Exception {
    for (int i = 0; i < 120; i++) { // more than one datagram holds
      network.links().create(LinkSpec.veth("stay" + i, LinkSpec.named("far" + i)));
    }
    Thread changing =
        Thread.ofPlatform()
            .start(() -> {
              try (Namespace namespace = Namespace.open(here.path());
                  NetworkStack same = NetworkStack.of(namespace)) {
                for (int i = 0; i < 20; i++) {
                  same.links().create(LinkSpec.bridge("passing"));
                  same.links().delete(same.links().get("passing"));
                }
              }
            });
    do {
      assertThat(network.links().all())
          .extracting(Link::name)
          .filteredOn(name -> name.startsWith("stay"))
          .hasSize(120)
          .doesNotHaveDuplicates();
    } while (changing.isAlive());
    changing.join();
  }

  @Test
  void onlyNetNamespacesHaveANetwork() {
    try (Namespace mounts = Namespace.current(NamespaceType.MOUNT)) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> NetworkStack.of(mounts))
          .withMessageContaining("no NET namespace");
    }
  }
}
