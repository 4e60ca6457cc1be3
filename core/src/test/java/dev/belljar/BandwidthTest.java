package dev.belljar;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.belljar.cgroups.Cgroup;
import dev.belljar.linux.call.Threads;
import dev.belljar.linux.testing.OwnNetwork;
import dev.belljar.linux.testing.RequiresCgroupV1;
import dev.belljar.linux.testing.RequiresCgroupV2;
import dev.belljar.linux.testing.RequiresRoot;
import dev.belljar.linux.testing.RequiresTool;
import dev.belljar.linux.testing.WarmUp;
import dev.belljar.namespaces.Namespace;
import dev.belljar.namespaces.net.FirewallRule;
import dev.belljar.namespaces.net.FirewallTable;
import dev.belljar.namespaces.net.Link;
import dev.belljar.namespaces.net.Network;
import dev.belljar.namespaces.net.NetworkStack;
import dev.belljar.namespaces.net.TrafficControl;
import dev.belljar.namespaces.net.TrafficHandle;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Two containers in one network that share a link by their groups, one to four. */
@RequiresRoot
@RequiresTool("ip")
class BandwidthTest extends ContainerTest {
  private static final InetAddress FAR = InetAddress.ofLiteral("10.9.0.2");
  private static final long RATE = 2_000_000; // bytes per second, which an emulated machine manages
  private static final long UNSTEADY = 400_000; // bytes until the slower one has its rate
  private static final long MEASURED = 1_600_000; // bytes of the slower one: 25 packets of 64 KiB
  private static final TrafficHandle TREE = TrafficHandle.of(1, 0);
  private static final TrafficHandle ALL = TrafficHandle.of(1, 1);
  private static final TrafficHandle SLOW = TrafficHandle.of(1, 0x10);
  private static final TrafficHandle FAST = TrafficHandle.of(1, 0x20);

  private OwnNetwork near;
  private OwnNetwork far;
  private Namespace nearHandle;
  private NetworkStack stack;
  private Link link;

  @WarmUp
  static void openSockets() throws IOException {
    try (ServerSocket server = new ServerSocket(0);
        Socket _ = new Socket(server.getInetAddress(), server.getLocalPort());
        Socket _ = server.accept()) {
      assertThat(server.isBound()).isTrue();
    }
  }

  @BeforeEach
  void makeALinkAndItsClasses() {
    near = OwnNetwork.make();
    far = OwnNetwork.make();
    nearHandle = Namespace.open(near.path());
    stack = NetworkStack.of(nearHandle);
    near.run(
        "ip", "link", "add", "out0", "type", "veth", "peer", "name", "far0", "netns", far.path());
    near.run("ip", "addr", "add", "10.9.0.1/24", "dev", "out0");
    near.run("ip", "link", "set", "out0", "up");
    far.run("ip", "addr", "add", "10.9.0.2/24", "dev", "far0");
    far.run("ip", "link", "set", "far0", "up");
    link = stack.links().get("out0");
    TrafficControl control = stack.trafficControl();
    control.htb(link, TREE, 0);
    control.htbClass(link, TREE, ALL, RATE, RATE);
    control.htbClass(link, ALL, SLOW, RATE / 5, RATE);
    control.htbClass(link, ALL, FAST, RATE * 4 / 5, RATE);
  }

  @AfterEach
  void close() {
    stack.close();
    nearHandle.close();
    near.close();
    far.close();
  }

  /** Somebody at the far end who counts what comes. */
  private final class Sink implements AutoCloseable {
    private final ServerSocket server = far.inside(() -> new ServerSocket(0, 1, FAR));
    private final AtomicLong bytes = new AtomicLong();
    private final Thread thread = Thread.ofPlatform().start(this::count);

    private void count() {
      byte[] buffer = new byte[1 << 16];
      try (Socket socket = server.accept();
          InputStream input = socket.getInputStream()) {
        for (int size = input.read(buffer); size >= 0; size = input.read(buffer)) {
          bytes.addAndGet(size);
        }
      } catch (IOException reset) {
        // the sender was killed
      }
    }

    @Override
    public void close() throws IOException {
      server.close();
      Threads.join(thread);
    }
  }

  private ContainerBuilder inThatNetwork() {
    return resident().network(Network.join(nearHandle));
  }

  private static ContainerProcess send(Container from, Sink to) {
    return from.exec(
        "bash",
        "-c",
        "exec 3> /dev/tcp/%s/%d; exec cat /dev/zero >&3"
            .formatted(FAR.getHostAddress(), to.server.getLocalPort()));
  }

  /** Lets both send as much as they can, and compares what comes. */
  private void assertOneToFour(Container slow, Container fast) throws IOException {
    try (Sink few = new Sink();
        Sink many = new Sink();
        Killed _ = new Killed(send(slow, few));
        Killed _ = new Killed(send(fast, many))) {
      Await.until("both send at their rates", () -> few.bytes.get() > UNSTEADY);
      long fewBefore = few.bytes.get();
      long manyBefore = many.bytes.get();
      Await.until("enough has come", () -> few.bytes.get() - fewBefore > MEASURED);
      double ratio = (double) (many.bytes.get() - manyBefore) / (few.bytes.get() - fewBefore);
      assertThat(ratio)
          .as(() -> near.run("tc", "-s", "class", "show", "dev", "out0"))
          .isCloseTo(4, within(0.4));
    }
  }

  private static FirewallRule classify(Container container, TrafficHandle into) {
    Cgroup group = container.cgroup().orElseThrow();
    Path unified =
        group.hierarchies().stream()
            .map(hierarchy -> group.path(hierarchy).toPath())
            .filter(path -> Files.exists(path.resolve("cgroup.controllers")))
            .findFirst()
            .orElseThrow();
    return FirewallRule.ClassifyCgroup.of(unified, into);
  }

  @Test
  @RequiresCgroupV2
  void groupsOfVersion2AreToldApartByTheFirewall() throws IOException {
    try (Container slow = inThatNetwork().start();
        Container fast = inThatNetwork().start();
        FirewallTable table = FirewallTable.owned(nearHandle, "rates")) {
      table.set(List.of(classify(slow, SLOW), classify(fast, FAST)));
      assertOneToFour(slow, fast);
    }
  }

  @Test
  @RequiresCgroupV1("net_cls")
  void groupsOfVersion1AreToldApartByTheFirewall() throws IOException {
    try (Container slow = inThatNetwork().netClass(0xaa0001).start();
        Container fast = inThatNetwork().netClass(0xaa0002).start();
        FirewallTable table = FirewallTable.owned(nearHandle, "rates")) {
      table.set(
          List.of(
              new FirewallRule.ClassifyNetClass(0xaa0001, SLOW),
              new FirewallRule.ClassifyNetClass(0xaa0002, FAST)));
      assertOneToFour(slow, fast);
    }
  }

  @Test
  @RequiresCgroupV1("net_cls")
  void groupsOfVersion1AreToldApartByTheCgroupClassifier() throws IOException {
    stack.trafficControl().cgroupClassifier(link, TREE);
    try (Container slow = inThatNetwork().netClass(SLOW.number()).start();
        Container fast = inThatNetwork().netClass(FAST.number()).start()) {
      assertOneToFour(slow, fast);
    }
  }
}
