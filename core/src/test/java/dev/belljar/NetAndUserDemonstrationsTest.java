package dev.belljar;

import static dev.belljar.namespaces.NamespaceType.CGROUP;
import static dev.belljar.namespaces.NamespaceType.IPC;
import static dev.belljar.namespaces.NamespaceType.MOUNT;
import static dev.belljar.namespaces.NamespaceType.NET;
import static dev.belljar.namespaces.NamespaceType.PID;
import static dev.belljar.namespaces.NamespaceType.USER;
import static dev.belljar.namespaces.NamespaceType.UTS;
import static org.assertj.core.api.Assertions.assertThat;

import dev.belljar.linux.IdMap;
import dev.belljar.linux.launch.IdMapFiles;
import dev.belljar.linux.testing.RequiresRoot;
import dev.belljar.linux.testing.RequiresTool;
import dev.belljar.linux.testing.RequiresUserNamespaces;
import dev.belljar.linux.testing.WarmUp;
import dev.belljar.namespaces.Namespace;
import dev.belljar.namespaces.net.IpNetwork;
import dev.belljar.namespaces.net.Link;
import dev.belljar.namespaces.net.Links;
import dev.belljar.namespaces.net.Network;
import dev.belljar.namespaces.net.NetworkStack;
import dev.belljar.namespaces.net.Route;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/** What a network of one's own is, and what root of a USER namespace may not do outside it. */
@RequiresUserNamespaces
class NetAndUserDemonstrationsTest extends ContainerTest {
  private static final InetSocketAddress PORT_80 =
      new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 80);

  @Test
  void twoServersAreBoundToPort80InTwoContainersAtOnce() throws IOException {
    try (Container one = resident().start();
        Container other = resident().start();
        Namespace first = one.namespace(NET);
        Namespace second = other.namespace(NET);
        ServerSocketChannel server = first.serverSocketChannel();
        ServerSocketChannel another = second.serverSocketChannel()) {
      server.bind(PORT_80);
      another.bind(PORT_80);
      try (SocketChannel client = first.socketChannel()) {
        client.connect(PORT_80);
        server.accept().close();
      }
    }
  }

  @WarmUp
  static void isRefusedOnce() throws IOException {
    try (ServerSocketChannel server = ServerSocketChannel.open()) {
      server.bind(new InetSocketAddress(PORT_80.getAddress(), 0));
      SocketChannel.open(server.getLocalAddress()).close(); // what the JDK keeps for closing
    }
  }

  @Test
  void aNetworkOfOnesOwnHasOnlyLoWhichIsUnreachableUntilItIsUp() throws IOException {
    try (Container container = resident().network(Network.none().withoutLoopback()).start();
        Namespace net = container.namespace(NET)) {
      assertThat(exec(container, "ls /sys/class/net").output()).isEqualTo("lo");
      assertThat(exec(container, "cat /proc/thread-self/net/route").output().lines())
          .allMatch(line -> line.startsWith("Iface")); // the heading: no route
      assertThat(exec(container, "cat /proc/thread-self/net/dev").output().lines()).hasSize(3);
      assertThat(failure(net)).contains("unreachable");
      try (NetworkStack stack = NetworkStack.of(net)) {
        Links links = stack.links();
        links.up(links.get("lo"));
      }
      assertThat(failure(net)).contains("refused");
      try (ServerSocketChannel server = net.serverSocketChannel();
          SocketChannel client = net.socketChannel()) {
        server.bind(PORT_80);
        client.connect(PORT_80);
      }
    }
  }

  @Test
  void aRouteOfItsOwnIsSeenInsideAndNotOutside() throws IOException {
    String own = "\t007100CB\t"; // 203.0.113.0, as the file has it
    try (Container container = resident().start();
        Namespace net = container.namespace(NET);
        NetworkStack stack = NetworkStack.of(net)) {
      Link lo = stack.links().get("lo");
      stack.routes().add(Route.to(IpNetwork.parse("203.0.113.0/24")).on(lo));
      assertThat(exec(container, "cat /proc/thread-self/net/route").output()).contains(own);
      assertThat(Files.readString(Path.of("/proc/thread-self/net/route"))).doesNotContain(own);
    }
  }

  private static String failure(Namespace net) throws IOException {
    try (SocketChannel client = net.socketChannel()) {
      client.connect(PORT_80);
      return "";
    } catch (SocketException e) {
      return e.getMessage();
    }
  }

  @Test
  void itsOwnGroupIsTheRootThatItSees() {
    assertThat(run(sh("cat /proc/self/cgroup").namespaces(CGROUP, MOUNT)).output().lines())
        .isNotEmpty()
        .anyMatch(line -> line.endsWith(":/"));
  }

  @Test
  @RequiresRoot
  @RequiresTool({"setpriv", "unshare", "id"})
  void idsAreNobodysBeforeTheyAreMappedAndThenOneKindAfterTheOther() throws IOException {
    Process shell =
        new ProcessBuilder(
                "setpriv",
                "--reuid",
                "1000",
                "--regid",
                "1000",
                "--clear-groups",
                "unshare",
                "--user",
                "sh")
            .start();
    try (BufferedReader output = shell.inputReader();
        BufferedWriter input = shell.outputWriter()) {
      assertThat(ids(input, output)).isEqualTo("65534 65534");
      IdMapFiles.write((int) shell.pid(), IdMap.none().andUids(0, 1000, 65_536));
      assertThat(ids(input, output)).isEqualTo("0 65534");
      IdMapFiles.write((int) shell.pid(), IdMap.none().andGids(0, 1000, 65_536));
      assertThat(ids(input, output)).isEqualTo("0 0");
    } finally {
      shell.destroyForcibly().onExit().join();
    }
  }

  private static String ids(BufferedWriter input, BufferedReader output) throws IOException {
    input.write("echo $(id -u) $(id -g)\n");
    input.flush();
    return output.readLine();
  }

  @Test
  @RequiresTool({"date", "hostname"})
  void rootInsideIsRefusedWhatTouchesTheHost() {
    try (Container container =
        resident().namespaces(USER, MOUNT).idMap(mapOfOthers()).privileged().start()) {
      assertThat(exec(container, "id -u").output()).isEqualTo("0");
      assertRefused(container, "date -s @0");
      assertRefused(container, "hostname taken");
      assertRefused(container, "kill -9 1"); // without PID it is the host's
      assertThat(exec(container, "kill -0 1").status().isSuccess()).isFalse();
      assertRefused(container, "echo 1 > /proc/sys/kernel/panic");
    }
  }

  @Test
  @RequiresTool("mount")
  void rootInsideIsRefusedTheDisksOfTheHost() throws IOException {
    // the kernel asks who mounts before it looks at the disk, but not before it knows the type
    String type =
        Files.readAllLines(Path.of("/proc/filesystems")).stream()
            .filter(line -> !line.startsWith("nodev") && !line.contains("fuse"))
            .map(String::strip)
            .findFirst()
            .orElseGet(() -> Assumptions.abort("needs a file system of disks"));
    String disk =
        Files.readAllLines(Path.of("/proc/partitions")).stream()
            .map(line -> "/dev/" + line.substring(line.lastIndexOf(' ') + 1))
            .filter(path -> Files.exists(Path.of(path)) && !path.equals("/dev/"))
            .findFirst()
            .orElse("/dev/null");
    try (Container container =
        resident().namespaces(USER, MOUNT).idMap(mapOfOthers()).privileged().start()) {
      Outcome mount = exec(container, "mount -t " + type + " " + disk + " /mnt");
      assertThat(mount.status().isSuccess()).isFalse();
      assertThat(mount.err().toLowerCase(Locale.ROOT))
          .containsAnyOf("not permitted", "permission denied"); // EPERM, and not ENOENT
    }
  }

  private static IdMap mapOfOthers() {
    IdMap usual = IdMapFiles.usual();
    return usual.setgroups() == IdMap.Setgroups.DENY ? usual : IdMap.of(0, 100_000, 65_536);
  }

  private static void assertRefused(Container container, String script) {
    Outcome outcome = exec(container, script);
    assertThat(outcome.status().isSuccess()).as("%s: %s", script, outcome).isFalse();
    assertThat(outcome.err())
        .as(script)
        .containsAnyOf("not permitted", "Permission denied", "must be root");
  }

  @Test
  @RequiresTool("unshare")
  void userNamespacesNest() {
    String script = "unshare --user --map-root-user sh -c 'id -u; cat /proc/self/uid_map'";
    assertThat(run(sh(script).rootless().privileged()).output().lines().toList())
        .satisfies(lines -> {
          assertThat(lines.getFirst()).isEqualTo("0");
          assertThat(lines.get(1).strip().split(" +")).containsExactly("0", "0", "1");
        });
  }

  @Test
  void aContainersNamespacesAreHandlesLikeAnyOthers() {
    try (Container container = resident().namespaces(PID, UTS, IPC, NET).start();
        Namespace net = container.namespace(NET);
        Namespace again = container.namespace(NET);
        Namespace pid = container.namespace(PID);
        Namespace ownPid = Namespace.current(PID)) {
      assertThat(again).isEqualTo(net);
      try (Namespace parent = pid.parent().orElseThrow()) {
        assertThat(parent).isEqualTo(ownPid);
      }
      assertThat(net.ownerUid()).isPresent();
    }
  }
}
