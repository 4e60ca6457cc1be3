package dev.belljar;

import static dev.belljar.namespaces.NamespaceType.MOUNT;
import static dev.belljar.namespaces.NamespaceType.NET;
import static dev.belljar.namespaces.NamespaceType.PID;
import static dev.belljar.namespaces.NamespaceType.USER;
import static org.assertj.core.api.Assertions.assertThat;

import dev.belljar.linux.testing.FailingCalls;
import dev.belljar.linux.testing.RequiresOrdinaryUser;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class PlanTest extends ContainerTest {
  private static List<String> warnings(ContainerBuilder builder) {
    return builder.build().plan().warnings();
  }

  @Test
  void makingItOnlyLooks() {
    ContainerSpec spec =
        sh("true").memory(64 << 20).cpus(0.5).cpuShares(512).pids(20).lenient().build();

    List<FailingCalls.Call> calls = FailingCalls.of(spec::plan);

    Set<String> looking =
        Set.of(
            "openat",
            "read",
            "close",
            "faccessat2",
            "getdents64",
            "statx",
            "fgetxattr",
            "capget",
            "geteuid",
            "getegid");
    assertThat(calls).isNotEmpty();
    assertThat(calls).extracting(FailingCalls.Call::name).isSubsetOf(looking);
  }

  @Test
  void itIsWhatRuns() throws Exception {
    ContainerSpec spec = sh("true").build();
    Plan before = spec.plan();
    try (Container container = spec.start()) {
      assertThat(container.plan()).isEqualTo(before);
      container.waitFor();
    }
  }

  @Test
  void itNamesEachStepAndPrintsItsCall() {
    Plan plan = sh("true").hostname("box").build().plan();

    assertThat(plan.steps())
        .anyMatch(step -> step.call().startsWith("sethostname(\"box\", 3)"))
        .anyMatch(step -> step.purpose().equals("execute sh"));
    assertThat(plan.toString().lines())
        .hasSize(plan.steps().size() + plan.warnings().size())
        .first()
        .asString()
        .startsWith("  0  ");
  }

  @Test
  void pidWithoutMountIsAPitfall() {
    assertThat(warnings(sh("true").namespaces(PID)))
        .anyMatch(warning -> warning.startsWith("PID without MOUNT: ps still shows"))
        .anyMatch(warning -> warning.startsWith("without MOUNT"));
    assertThat(warnings(sh("true").namespaces(PID, MOUNT)))
        .noneMatch(warning -> warning.contains("without MOUNT"));
  }

  @Test
  void theHostsNetworkIsAPitfall() {
    assertThat(warnings(sh("true").namespaces(PID, MOUNT)))
        .anyMatch(warning -> warning.startsWith("without NET"));
    assertThat(warnings(sh("true").namespaces(PID, MOUNT, NET)))
        .noneMatch(warning -> warning.startsWith("without NET"));
  }

  @Test
  void aCommandAsProcess1IsAPitfall() {
    assertThat(warnings(sh("true"))).anyMatch(warning -> warning.contains("process 1"));
    assertThat(warnings(sh("true").init(true))).noneMatch(warning -> warning.contains("process 1"));
    assertThat(warnings(resident())).noneMatch(warning -> warning.contains("process 1"));
  }

  @Test
  @RequiresOrdinaryUser
  void addedUserIsSaid() {
    assertThat(warnings(sh("true").namespaces(PID)))
        .anyMatch(warning -> warning.startsWith("USER is added"));
    assertThat(warnings(sh("true").namespaces(PID, USER)))
        .noneMatch(warning -> warning.startsWith("USER is added"));
  }
}
