package dev.belljar;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belljar.linux.testing.Effort;
import dev.belljar.linux.testing.OwnNetwork;
import dev.belljar.linux.testing.RequiresRoot;
import dev.belljar.linux.testing.RequiresTool;
import dev.belljar.namespaces.Namespace;
import dev.belljar.namespaces.NamespaceType;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What becomes of the networks of a JVM that is killed, in a namespace that plays the host. */
@RequiresRoot
@RequiresTool("ip")
class NetworkSweepTest extends ContainerTest {
  private static final List<String> OPTIONS = List.of("--enable-native-access=ALL-UNNAMED");

  private OwnNetwork host;

  @BeforeEach
  void makeTheHost() {
    host = OwnNetwork.make();
  }

  @AfterEach
  void closeTheHost() {
    host.close();
  }

  private List<String> onTheHost() {
    return List.of("nsenter", "--net=" + host.path(), "--");
  }

  private String links() {
    return host.run("ip", "-o", "link");
  }

  private String leases() {
    return host.run("ip", "route", "show", "table", "all");
  }

  /** Kills a JVM that has a container, and waits for the container's end. */
  private Optional<Namespace> killAJvm(boolean keepNetwork) throws IOException {
    ProcessHandle process;
    Optional<Namespace> kept = Optional.empty();
    try (ChildJvm jvm = ChildJvm.start(onTheHost(), OPTIONS, HoldsABridge.class)) {
      int pid = Integer.parseInt(jvm.output().readLine());
      process = ProcessHandle.of(pid).orElseThrow();
      if (keepNetwork) {
        kept = Optional.of(Namespace.of(pid, NamespaceType.NET));
      }
      assertThat(links()).contains("lan0").containsPattern("bj[0-9a-f]{10}@");
      assertThat(leases()).contains("10.88.0.2");
      assertThat(ChildJvm.run(onTheHost(), SweepsTheNetwork.class)).isEqualTo("[] []"); // it lives
    }
    Await.until("the container has ended with its JVM", () -> !process.isAlive());
    return kept;
  }

  private void assertNothingIsLeft() {
    assertThat(links()).doesNotContain("lan0").doesNotContainPattern("bj[0-9a-f]{10}");
    assertThat(leases()).doesNotContain("10.88");
  }

  @Test
  void aSweepRemovesTheBridgeOfAKilledJvm() throws Exception {
    Effort.assumeNotEmulated(); // where it takes a minute
    var _ = killAJvm(false);
    assertThat(links()).contains("lan0");
    assertThat(ChildJvm.run(onTheHost(), SweepsTheNetwork.class)).contains("lan0").endsWith(" []");
    assertNothingIsLeft();
  }

  @Test
  void aSweepUnplugsANetworkThatOutlivesItsJvm() throws Exception {
    Effort.assumeNotEmulated(); // it takes several JVMs
    try (Namespace _ = killAJvm(true).orElseThrow()) {
      assertThat(links()).contains("lan0").containsPattern("bj[0-9a-f]{10}@");
      assertThat(leases()).contains("10.88.0.2");
      assertThat(ChildJvm.run(onTheHost(), SweepsTheNetwork.class))
          .matches("\\[bj[0-9a-f]{10}, lan0] \\[]");
      assertNothingIsLeft();
    }
  }

  @Test
  void theFirstStartOfTheNextJvmSweepsToo() throws Exception {
    Effort.assumeNotEmulated(); // where it takes a minute
    try (Namespace _ = killAJvm(true).orElseThrow()) {
      assertThat(ChildJvm.run(onTheHost(), OPTIONS, StartsOneContainer.class)).endsWith("with 7");
      assertNothingIsLeft();
    }
  }
}
