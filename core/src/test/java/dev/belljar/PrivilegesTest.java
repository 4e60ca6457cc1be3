package dev.belljar;

import static dev.belljar.namespaces.NamespaceType.MOUNT;
import static dev.belljar.namespaces.NamespaceType.NET;
import static dev.belljar.namespaces.NamespaceType.PID;
import static org.assertj.core.api.Assertions.assertThat;

import dev.belljar.linux.IdMap;
import dev.belljar.linux.testing.RequiresOrdinaryUser;
import dev.belljar.linux.testing.RequiresRoot;
import dev.belljar.linux.testing.RequiresUserNamespaces;
import dev.belljar.namespaces.Namespace;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Who the processes of a container are, and what they may do. */
class PrivilegesTest extends ContainerTest {
  /** Docker's default set less MKNOD, by the numbers of capability(7). */
  private static final Set<Integer> STANDARD =
      Set.of(
          0, // CHOWN
          1, // DAC_OVERRIDE
          3, // FOWNER
          4, // FSETID
          5, // KILL
          6, // SETGID
          7, // SETUID
          8, // SETPCAP
          10, // NET_BIND_SERVICE
          13, // NET_RAW
          18, // SYS_CHROOT
          29, // AUDIT_WRITE
          31); // SETFCAP

  private static final int NET_RAW = 13;

  private static Set<Integer> without(int capability) {
    return STANDARD.stream().filter(bit -> bit != capability).collect(Collectors.toSet());
  }

  private static Map<String, String> status(ContainerBuilder builder) {
    return parse(run(builder.command("cat", "/proc/self/status")).output());
  }

  private static Map<String, String> parse(String status) {
    return status
        .lines()
        .map(line -> line.split(":\t", 2))
        .filter(parts -> parts.length == 2)
        .collect(Collectors.toMap(parts -> parts[0], parts -> parts[1].strip()));
  }

  private static Set<Integer> capabilities(Map<String, String> status, String set) {
    long bits = Long.parseUnsignedLong(status.get(set), 16);
    return IntStream.range(0, 64)
        .filter(bit -> (bits >>> bit & 1) == 1)
        .boxed()
        .collect(Collectors.toSet());
  }

  private static void assertThatRootHas(Set<Integer> capabilities, Map<String, String> status) {
    for (String set : List.of("CapEff", "CapPrm", "CapBnd")) {
      assertThat(capabilities(status, set)).as(set).isEqualTo(capabilities);
    }
    for (String set : List.of("CapInh", "CapAmb")) {
      assertThat(capabilities(status, set)).as(set).isEmpty();
    }
    assertThat(status).containsEntry("NoNewPrivs", "1");
  }

  @Test
  void rootHasDockersCapabilitiesLessMknod() {
    assertThatRootHas(STANDARD, status(resident()));
    assertThatRootHas(STANDARD, status(resident().init(true)));
    try (Container container = resident().start()) {
      assertThatRootHas(STANDARD, parse(exec(container, "exec cat /proc/self/status").output()));
    }
  }

  @Test
  void rawSocketsAreForAnOwnNetOnly() {
    assertThatRootHas(without(NET_RAW), status(resident().namespaces(PID, MOUNT)));
    assertThatRootHas(STANDARD, status(resident().namespaces(PID, MOUNT, NET)));
  }

  @Test
  @RequiresRoot
  void rawSocketsAreNotForAJoinedNet() {
    try (Container first = resident().start();
        Namespace net = first.namespace(NET)) {
      assertThatRootHas(without(NET_RAW), status(resident().join(net)));
    }
  }

  @Test
  @RequiresRoot
  void anotherUserHasNone() {
    Map<String, String> status = status(resident().user(1000, 1001, 1002, 1003));

    assertThat(capabilities(status, "CapEff")).isEmpty();
    assertThat(capabilities(status, "CapPrm")).isEmpty();
    assertThat(capabilities(status, "CapInh")).isEmpty();
    assertThat(capabilities(status, "CapAmb")).isEmpty();
    assertThat(status)
        .containsEntry("NoNewPrivs", "1")
        .containsEntry("Uid", "1000\t1000\t1000\t1000")
        .containsEntry("Gid", "1001\t1001\t1001\t1001")
        .containsEntry("Groups", "1002 1003");
  }

  @Test
  @RequiresRoot
  void thePrivilegedKeepThoseOfTheJvm() {
    Map<String, String> status = status(resident().privileged());

    assertThat(capabilities(status, "CapEff")).contains(12, 21, 27); // NET_ADMIN SYS_ADMIN MKNOD
    assertThat(status).containsEntry("NoNewPrivs", "0");
  }

  @Test
  @RequiresUserNamespaces
  void aRootlessContainersRootIsTheUserOutside() {
    String script = "id -u; id -g; cat /proc/self/uid_map";
    assertThat(run(sh(script).rootless()).output().lines()).startsWith("0", "0");
    assertThatRootHas(STANDARD, status(resident().rootless()));
  }

  @Test
  @RequiresOrdinaryUser
  @RequiresUserNamespaces
  void anOrdinaryUserIsRootInsideAndNobodyElse() {
    assertThat(run(sh("cat /proc/self/uid_map")).output().strip().split(" +"))
        .containsExactly("0", Long.toString(uid()), "1");
  }

  private static long uid() {
    return dev.belljar.program.Privileges.current().uid();
  }

  @Test
  @RequiresRoot
  void idsAreThoseOfTheIdMap() {
    IdMap map = IdMap.single(0, 100_000, 200_000);

    assertThat(run(sh("cat /proc/self/uid_map /proc/self/gid_map; id -u").idMap(map)).output())
        .isEqualToIgnoringWhitespace("0 100000 1 0 200000 1 0");
    try (Container container = sh("cat").idMap(map).start()) {
      String status = "cat /proc/" + container.pid() + "/status";
      assertThat(parse(run(sh(status).namespaces()).output()))
          .containsEntry("Uid", "100000\t100000\t100000\t100000");
    }
  }
}
