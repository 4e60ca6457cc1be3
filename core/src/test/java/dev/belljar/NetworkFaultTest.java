package dev.belljar;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belljar.linux.testing.OwnNetwork;
import dev.belljar.linux.testing.RequiresRoot;
import dev.belljar.linux.testing.RequiresTool;
import dev.belljar.namespaces.Namespace;
import dev.belljar.namespaces.attach.Sweep;
import dev.belljar.namespaces.net.Link;
import dev.belljar.namespaces.net.Network;
import dev.belljar.namespaces.net.NetworkStack;
import dev.belljar.namespaces.net.Route;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Whatever fails while a container gets its network, nothing is left behind on the host. */
@RequiresRoot
@RequiresTool("ip")
class NetworkFaultTest extends ContainerTest {
  private static final Duration PATIENCE = Duration.ofSeconds(1);

  /** What a start without a network hardly calls; FaultTest fails the others. */
  private static final Set<String> OF_NETWORKS =
      Set.of(
          "bind",
          "connect",
          "fcntl",
          "flock",
          "getsockname",
          "ioctl",
          "listen",
          "recvfrom",
          "sendto",
          "setsockopt",
          "socket");

  private OwnNetwork hostNetwork;
  private Namespace host;
  private NetworkStack stack;

  /** What needs something on the host. */
  enum Kind {
    BRIDGE,
    MACVLAN,
    MOVED,
    PUBLISHED
  }

  @BeforeEach
  void makeTheHost() {
    hostNetwork = OwnNetwork.make();
    host = Namespace.open(hostNetwork.path());
    stack = NetworkStack.of(host);
    hostNetwork.run("ip", "link", "add", "card0", "type", "veth", "peer", "name", "far0");
    hostNetwork.run("ip", "addr", "add", "10.7.0.1/24", "dev", "card0");
    hostNetwork.run("ip", "link", "set", "card0", "up");
    hostNetwork.run("ip", "link", "set", "far0", "up");
  }

  @AfterEach
  void closeTheHost() {
    stack.close();
    host.close();
    hostNetwork.close();
  }

  private ContainerBuilder builder(Kind kind) {
    ContainerBuilder cat = Container.builder().command("cat");
    return switch (kind) {
      case BRIDGE ->
          cat.network(
              Network.bridge("lan0", "10.88.0.0/24")
                  .ipv6("fd00:88::/64")
                  .rate(1_000_000, 1_000_000)
                  .in(host));
      case MACVLAN -> cat.network(Network.macvlan("far0").address("10.7.0.9/24").in(host));
      case MOVED -> cat.network(Network.move("card0").as("eth0").in(host));
      case PUBLISHED -> cat.publish(0, 80);
    };
  }

  private List<String> state() {
    List<String> all = new ArrayList<>();
    for (Link link : stack.links().all()) {
      all.add("link " + link.name() + (link.up() ? " up" : ""));
    }
    for (Route route : stack.routes().all()) {
      if (!route.destination().isV6()) { // those of IPv6 come a little later
        all.add("route " + route.destination() + " of table " + route.table());
      }
    }
    return all;
  }

  private final class InANetwork extends FaultTest.LifeOfContainer {
    private final List<String> before;

    InANetwork(Kind kind) {
      super(() -> builder(kind));
      this.before = state();
    }

    /** What a close was not let remove is for the next sweep; a start removes it itself. */
    @Override
    public void end() {
      if (hasStarted()) {
        super.end();
        var _ = Sweep.of(host);
      } else {
        super.end();
      }
    }

    @Override
    public List<String> left() {
      List<String> now = state();
      long end = System.nanoTime() + PATIENCE.toNanos();
      while (!now.equals(before) && System.nanoTime() < end) {
        Thread.onSpinWait(); // a container's own link goes with its namespace, a little later
        now = state();
      }
      if (now.equals(before)) {
        return List.of();
      }
      return List.of(now + " and not " + before);
    }
  }

  @ParameterizedTest
  @EnumSource
  void aCallThatFailsIsNamedAndNothingIsLeftBehind(Kind kind) {
    Faults.failCalls(new InANetwork(kind), call -> OF_NETWORKS.contains(call.name()));
    assertThat(hostNetwork.run("ip", "-o", "link")).doesNotContain("lan0");
  }
}
