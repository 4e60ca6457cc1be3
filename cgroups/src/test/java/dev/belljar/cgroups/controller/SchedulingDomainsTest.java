package dev.belljar.cgroups.controller;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.belljar.cgroups.coverage.Proves;
import dev.belljar.cgroups.hierarchy.CgroupDirectory;
import dev.belljar.cgroups.hierarchy.CgroupLayout;
import dev.belljar.cgroups.hierarchy.Subsystem;
import dev.belljar.cgroups.testing.TestGroup;
import dev.belljar.linux.testing.KernelTest;
import dev.belljar.linux.testing.RequiresCgroupV1;
import dev.belljar.linux.testing.RequiresRoot;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the cpuset controller of version 1 makes of the domains that the scheduler balances. */
@KernelTest
@RequiresRoot
@RequiresCgroupV1("cpuset")
class SchedulingDomainsTest {
  private static final Path DOMAINS = Path.of("/proc/schedstat");

  /** Where debugfs tells what is done in the domain of the first processor. */
  private static final String FLAGS = "sched/domains/cpu0/domain0/flags";

  @BeforeEach
  void needsProcessorsToBalance() {
    assumeTrue(CgroupLayout.current().kind() == CgroupLayout.Kind.V1, "needs a machine to change");
    assumeTrue(Runtime.getRuntime().availableProcessors() > 1, "needs two processors");
  }

  private static String text(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  @Proves("cpuset.sched_load_balance")
  void withoutBalancingThereAreNoDomains() {
    try (TestGroup test = TestGroup.v1(Subsystem.CPUSET)) {
      assertThat(text(DOMAINS)).contains("domain0");
      List<CgroupDirectory> balanced = new ArrayList<>(List.of(test.above()));
      test.above().walk().map(test.above()::descendant).forEach(balanced::add);
      try {
        for (CgroupDirectory each : balanced) {
          assertThat(new CpusetV1(each).setSchedLoadBalance(false).isExact()).isTrue();
        }
        Busy.await("no domain is left", () -> !text(DOMAINS).contains("domain0"));
      } finally {
        balanced.forEach(each -> new CpusetV1(each).setSchedLoadBalance(true));
        balanced.stream().skip(1).forEach(CgroupDirectory::close);
      }
      Busy.await("the domains are back", () -> text(DOMAINS).contains("domain0"));
    }
  }

  @Test
  @Proves("cpuset.sched_relax_domain_level")
  void aProcessorThatGetsIdleLooksForWorkNoFartherThanTheLevelSays(@TempDir Path debug) {
    TestInput.run("mount", "-t", "debugfs", "debugfs", debug.toString());
    Path flags = debug.resolve(FLAGS);
    String newlyIdle = "SD_BALANCE_NEWIDLE";
    try (TestGroup test = TestGroup.v1(Subsystem.CPUSET)) {
      assumeTrue(Files.exists(flags), "needs CONFIG_SCHED_DEBUG");
      CpusetV1 controller = new CpusetV1(test.directory());
      assertThat(text(flags)).contains(newlyIdle);

      assertThat(controller.setSchedRelaxDomainLevel(0).isExact()).isTrue();
      Busy.await("it does not look", () -> !text(flags).contains(newlyIdle));

      controller.setSchedRelaxDomainLevel(-1);
      Busy.await("it looks again", () -> text(flags).contains(newlyIdle));
    } finally {
      TestInput.run("umount", debug.toString());
    }
  }
}
