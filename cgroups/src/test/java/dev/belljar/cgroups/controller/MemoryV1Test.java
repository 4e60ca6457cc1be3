package dev.belljar.cgroups.controller;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.belljar.cgroups.coverage.Proves;
import dev.belljar.cgroups.coverage.ReadsBack;
import dev.belljar.cgroups.hierarchy.CgroupDirectory;
import dev.belljar.cgroups.hierarchy.CgroupLayout;
import dev.belljar.cgroups.hierarchy.Subsystem;
import dev.belljar.cgroups.hierarchy.Written;
import dev.belljar.cgroups.testing.CProgram;
import dev.belljar.cgroups.testing.Ending;
import dev.belljar.cgroups.testing.LoopDevice;
import dev.belljar.cgroups.testing.TestGroup;
import dev.belljar.linux.Errno;
import dev.belljar.linux.LinuxException;
import dev.belljar.linux.testing.KernelTest;
import dev.belljar.linux.testing.RequiresCgroupV1;
import dev.belljar.linux.testing.RequiresRoot;
import dev.belljar.linux.testing.RequiresTool;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.Map;
import java.util.OptionalLong;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the memory controller of version 1 does to processes. */
@KernelTest
@RequiresRoot
@RequiresCgroupV1("memory")
class MemoryV1Test {
  private static final long MIB = 1 << 20;
  private static final Limit SMALL = Limit.of(16 * MIB);

  /** Takes 64 MiB at once, and touches them. */
  private static final String BIG = "dd if=/dev/zero of=/dev/null bs=64M count=1 status=none";

  /** Takes some bytes for a while: prints a line when it has them, ends at a line. */
  static String holding(int mebibytes) {
    return "x=$(head -c %d /dev/zero | tr '\\0' x); echo ready; read end"
        .formatted(mebibytes * MIB);
  }

  /** Touches 64 MiB, a page at a time. */
  private static final String TOUCHING =
      """
      #include <stdlib.h>
      int main(void) {
        volatile char *memory = malloc(64 << 20);
        for (long i = 0; i < 64 << 20; i += 4096) memory[i] = 1;
        return 0;
      }
      """;

  /** Sends to itself over TCP what it does not read, until there is no more room. */
  private static final String SENDING =
      """
      #include <arpa/inet.h>
      #include <fcntl.h>
      #include <stdio.h>
      #include <sys/socket.h>
      #include <unistd.h>
      int main(void) {
        static char data[65536];
        struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(0x7f000001) };
        socklen_t size = sizeof at;
        int server = socket(AF_INET, SOCK_STREAM, 0), client = socket(AF_INET, SOCK_STREAM, 0);
        bind(server, (void *) &at, sizeof at);
        listen(server, 1);
        getsockname(server, (void *) &at, &size);
        if (connect(client, (void *) &at, sizeof at)) return 1;
        accept(server, 0, 0);
        fcntl(client, F_SETFL, O_NONBLOCK);
        for (int quiet = 0; quiet < 20; usleep(5000))
          quiet = write(client, data, sizeof data) > 0 ? 0 : quiet + 1;
        puts("full");
        fflush(stdout);
        pause();
      }
      """;

  @TempDir private Path folder;

  @Test
  @RequiresTool("losetup")
  @Proves({"memory.limit_in_bytes", "memory.failcnt", "memory.stat", "memory.force_empty"})
  void pageCacheIsReclaimedBeforeAnyoneIsKilled() {
    try (LoopDevice disk = LoopDevice.make(folder, 64 * MIB);
        TestGroup group = TestGroup.v1(Subsystem.MEMORY)) {
      MemoryV1 memory = new MemoryV1(group.directory());
      memory.memory().setLimit(SMALL);

      Process reader = group.run("dd if=" + disk + " of=/dev/null bs=64k status=none");

      assertThat(Ending.of(reader)).isZero();
      assertThat(memory.oomControl().kills()).hasValue(0);
      assertThat(memory.memory().failures()).isPositive();
      memory.memory().resetFailures();
      assertThat(memory.memory().failures()).isZero();
      // What was read stays cached as far as the limit allows, while the disk is there.
      assertThat(memory.stat().get("cache")).isBetween(MIB, 16 * MIB);

      memory.forceEmpty();
      assertThat(memory.stat().get("cache")).isLessThan(MIB);
    }
  }

  @Test
  @Proves({"memory.limit_in_bytes", "memory.oom_control"})
  void aProcessOverItsLimitIsKilledAndSaidToBe() {
    try (TestGroup group = TestGroup.v1(Subsystem.MEMORY)) {
      MemoryV1 memory = new MemoryV1(group.directory());
      memory.memory().setLimit(SMALL);
      memory.memoryAndSwap().setLimit(SMALL);

      assertThat(Ending.of(group.run("(" + BIG + ")"))).isEqualTo(Ending.KILLED);
      assertThat(memory.oomControl().kills()).hasValue(1);
    }
  }

  @Test
  @RequiresTool("gcc")
  @Proves("memory.oom_control")
  void withoutTheKillerItWaitsUntilTheLimitIsRaised() {
    try (TestGroup group = TestGroup.v1(Subsystem.MEMORY)) {
      MemoryV1 memory = new MemoryV1(group.directory());
      memory.memory().setLimit(SMALL);
      memory.memoryAndSwap().setLimit(SMALL);
      assertThat(memory.setOomKiller(false).isExact()).isTrue();

      // Only a page fault of the program itself waits; a read(2) into new pages would fail.
      Process big = group.run("exec " + CProgram.compile(folder, TOUCHING));
      Ending.await("under_oom", () -> memory.oomControl().underOom());
      assertThat(big.isAlive()).isTrue();

      memory.memoryAndSwap().setLimit(Limit.UNLIMITED);
      memory.memory().setLimit(Limit.UNLIMITED);
      assertThat(Ending.of(big)).isZero();
      assertThat(memory.oomControl()).isEqualTo(new OomControl(false, false, OptionalLong.of(0)));
    }
  }

  @Test
  @Proves({"memory.usage_in_bytes", "memory.max_usage_in_bytes", "memory.numa_stat"})
  void whatIsUsedIsCounted() {
    try (TestGroup group = TestGroup.v1(Subsystem.MEMORY)) {
      MemoryV1 memory = new MemoryV1(group.directory());
      Process holder = group.run(holding(8));
      assertThat(Ending.line(holder)).isEqualTo("ready");

      assertThat(memory.memory().usage()).isGreaterThan(8 * MIB);
      NumaCount anonymous = memory.numaStat().get("anon");
      assertThat(anonymous.nodes().values().stream().mapToLong(Long::longValue).sum())
          .isEqualTo(anonymous.total().orElseThrow())
          .isPositive();

      group.directory().kill();
      Ending.of(holder);
      assertThat(memory.memory().maxUsage()).isGreaterThan(8 * MIB);
      memory.memory().resetMaxUsage();
      assertThat(memory.memory().maxUsage()).isLessThan(8 * MIB);
    }
  }

  @Test
  void aChildCannotExceedItsParent() {
    try (TestGroup group = TestGroup.v1(Subsystem.MEMORY);
        CgroupDirectory child = group.directory().create("child")) {
      MemoryV1 parent = new MemoryV1(group.directory());
      parent.memory().setLimit(SMALL);
      parent.memoryAndSwap().setLimit(SMALL);
      new MemoryV1(child).memory().setLimit(Limit.of(256 * MIB));

      assertThat(Ending.of(group.runIn(child, "(" + BIG + ")"))).isEqualTo(Ending.KILLED);
    }
  }

  @Test
  @Proves("memory.use_hierarchy")
  void whatGroupsBelowUseCountsAndNothingElseCanBeAskedFor() {
    try (TestGroup group = TestGroup.v1(Subsystem.MEMORY);
        CgroupDirectory child = group.directory().create("child")) {
      MemoryV1 memory = new MemoryV1(group.directory());
      assertThat(memory.useHierarchy()).isTrue();
      assertThat(memory.setUseHierarchy(true).isExact()).isTrue();
      assertThatExceptionOfType(LinuxException.class)
          .isThrownBy(() -> memory.setUseHierarchy(false))
          .matches(e -> e.is(Errno.EINVAL));

      assertThat(Ending.line(group.runIn(child, holding(8)))).isEqualTo("ready");
      assertThat(new MemoryV1(child).memory().usage()).isGreaterThan(8 * MIB);
      assertThat(memory.memory().usage()).isGreaterThan(8 * MIB);
    }
  }

  @Test
  @RequiresTool({"losetup", "mkswap", "swapon"})
  @Proves({
    "memory.memsw.limit_in_bytes",
    "memory.memsw.usage_in_bytes",
    "memory.memsw.max_usage_in_bytes",
    "memory.memsw.failcnt",
    "memory.swappiness"
  })
  void theLimitOfMemoryAndSwapCountsSwap() {
    Assumptions.assumeTrue(
        CgroupLayout.current().kind() == CgroupLayout.Kind.V1, "needs a machine to add swap to");
    try (LoopDevice disk = LoopDevice.makeSwap(folder, 64 << 20);
        TestGroup group = TestGroup.v1(Subsystem.MEMORY)) {
      try {
        MemoryV1 memory = new MemoryV1(group.directory());
        memory.memory().setLimit(SMALL);
        memory.memoryAndSwap().setLimit(Limit.of(48 * MIB));
        memory.setSwappiness(100);
        Process holder = group.run(holding(10));
        assertThat(Ending.line(holder)).isEqualTo("ready");

        memory.setSwappiness(0); // of a group, this is never to swap
        assertThatExceptionOfType(LinuxException.class)
            .isThrownBy(() -> memory.memory().setLimit(Limit.of(4 * MIB)))
            .matches(e -> e.is(Errno.EBUSY));
        memory.setSwappiness(100);
        assertThat(memory.memory().setLimit(Limit.of(4 * MIB)).isExact()).isTrue();
        assertThat(memory.memory().usage()).isLessThanOrEqualTo(4 * MIB);
        assertThat(memory.memoryAndSwap().usage()).isGreaterThan(8 * MIB);
        assertThat(memory.memoryAndSwap().maxUsage()).isGreaterThan(8 * MIB);
        assertThat(memory.stat().get("swap")).isPositive();
        assertThat(memory.oomControl().kills()).hasValue(0);

        assertThat(Ending.of(group.run("(" + BIG + ")"))).isEqualTo(Ending.KILLED);
        assertThat(memory.memoryAndSwap().failures()).isPositive();
      } finally {
        group.directory().kill();
        LoopDevice.command("swapoff", disk.toString());
      }
    }
  }

  @Test
  @Proves("memory.move_charge_at_immigrate")
  void chargesFollowAProcessUntilLinux613() {
    try (TestGroup from = TestGroup.v1(Subsystem.MEMORY);
        TestGroup to = TestGroup.v1(Subsystem.MEMORY)) {
      MemoryV1 target = new MemoryV1(to.directory());
      Process holder = from.run(holding(8));
      assertThat(Ending.line(holder)).isEqualTo("ready");
      try {
        target.setMovedCharges(EnumSet.of(MemoryV1.MovedCharge.ANONYMOUS));
        assertThat(target.movedCharges()).containsExactly(MemoryV1.MovedCharge.ANONYMOUS);
      } catch (LinuxException e) {
        assertThat(e.is(Errno.EINVAL)).isTrue();
        assertThat(e).hasMessageContaining("stays in the group it leaves");
      }
      boolean follow = !target.movedCharges().isEmpty();

      to.directory().write("cgroup.procs", Long.toString(holder.pid()));

      assertThat(target.memory().usage() > 8 * MIB).isEqualTo(follow);
      assertThat(new MemoryV1(from.directory()).memory().usage() > 8 * MIB).isEqualTo(!follow);
    }
  }

  @Test
  @Proves({"memory.kmem.usage_in_bytes", "memory.kmem.max_usage_in_bytes"})
  void theKernelsMemoryIsCountedButNotLimited() {
    try (TestGroup group = TestGroup.v1(Subsystem.MEMORY)) {
      CounterV1 kernel = new MemoryV1(group.directory()).kernelMemory();
      long before = kernel.usage();
      Process children = group.run("for i in 1 2 3 4 5 6 7 8; do sleep 1000 & done; echo x; wait");
      assertThat(Ending.line(children)).isEqualTo("x");

      assertThat(kernel.usage()).isGreaterThan(before + 64 * 1024); // stacks and task structures
      assertThat(kernel.maxUsage()).isGreaterThanOrEqualTo(kernel.usage() / 2);
      group.directory().write("memory.kmem.limit_in_bytes", "4096"); // taken, and ignored
      assertThat(kernel.limit()).isEqualTo(Limit.UNLIMITED);
      assertThatExceptionOfType(UnsupportedOperationException.class)
          .isThrownBy(() -> kernel.setLimit(SMALL))
          .withMessageContaining("memory.kmem.limit_in_bytes has no effect")
          .withMessageContaining("5.16");
    }
  }

  @Test
  @ReadsBack(
      value = {
        "memory.soft_limit_in_bytes",
        "memory.kmem.failcnt",
        "memory.kmem.limit_in_bytes",
        "memory.kmem.slabinfo"
      },
      why =
          "the soft limit shows when the whole machine is short of memory, which tests do not make"
              + " a host; the rest no longer does anything")
  void valuesAreRoundedToPagesAndReadBack() {
    try (TestGroup group = TestGroup.v1(Subsystem.MEMORY)) {
      MemoryV1 memory = new MemoryV1(group.directory());
      Written<Limit> soft = memory.setSoftLimit(Limit.of(5000));
      assertThat(soft.isExact()).isFalse();
      assertThat(soft.actual()).isEqualTo(Limit.of(4096));
      assertThat(memory.setSoftLimit(Limit.UNLIMITED).isExact()).isTrue();
      assertThat(memory.softLimit()).isEqualTo(Limit.UNLIMITED);

      assertThat(memory.kernelMemory().failures()).isZero();

      assertThat(memory.slabInfo()).isEmpty();
      assertThat(memory.memory().setLimit(Limit.UNLIMITED).isExact()).isTrue();
    }
  }

  @Test
  @RequiresTool("gcc")
  @Proves({
    "memory.kmem.tcp.limit_in_bytes",
    "memory.kmem.tcp.usage_in_bytes",
    "memory.kmem.tcp.max_usage_in_bytes"
  })
  void buffersOfTcpAreCountedAndLimited() {
    try (TestGroup group = TestGroup.v1(Subsystem.MEMORY)) {
      CounterV1 tcp = new MemoryV1(group.directory()).tcpMemory();
      assertThat(tcp.setLimit(Limit.of(64 << 10)).isExact()).isTrue(); // from now on it is counted
      assertThat(tcp.usage()).isZero();

      Process sender = group.run("exec " + CProgram.compile(folder, SENDING));
      assertThat(Ending.line(sender)).isEqualTo("full");
      Assumptions.assumeTrue(tcp.usage() > 0, "needs a kernel that charges TCP to groups");

      assertThat(tcp.maxUsage()).isGreaterThanOrEqualTo(tcp.usage() / 2);
      assertThat(tcp.usage()).as("much less than without a limit").isLessThan(MIB);
    }
  }

  @Test
  @ReadsBack(
      value = {
        "memory.memsw.limit_in_bytes",
        "memory.memsw.usage_in_bytes",
        "memory.memsw.max_usage_in_bytes",
        "memory.memsw.failcnt",
        "memory.swappiness",
        "memory.kmem.tcp.limit_in_bytes",
        "memory.kmem.tcp.usage_in_bytes",
        "memory.kmem.tcp.max_usage_in_bytes",
        "memory.kmem.tcp.failcnt"
      },
      why =
          "the machine has no swap, and tests do not add it to a host; 6.18 does not count what"
              + " exceeds the limit of TCP")
  void theLimitOfMemoryAndSwapIsReadBack() {
    try (TestGroup group = TestGroup.v1(Subsystem.MEMORY)) {
      MemoryV1 memory = new MemoryV1(group.directory());
      CounterV1 both = memory.memoryAndSwap();
      memory.memory().setLimit(Limit.of(64 * MIB));
      assertThat(both.setLimit(Limit.of(64 * MIB)).isExact()).isTrue();
      assertThat(both.usage()).isZero();
      assertThat(both.maxUsage()).isZero();
      assertThat(both.failures()).isZero();
      assertThat(memory.tcpMemory().setLimit(Limit.of(MIB)).isExact()).isTrue();
      assertThat(memory.tcpMemory().failures()).isZero();
      assertThat(memory.tcpMemory().maxUsage()).isZero();
      memory.setSwappiness(150);
      assertThat(group.directory().read("memory.swappiness")).isEqualTo("150");
    }
  }

  @Test
  @ReadsBack(
      value = "memory.shown_ram_in_bytes",
      why = "a file of this machine's vendor, documented nowhere; only raw access reaches it")
  void aFileThatNoReleaseOfLinuxHasIsReachedByItsName() {
    try (TestGroup group = TestGroup.v1(Subsystem.MEMORY)) {
      Assumptions.assumeTrue(
          group.directory().has("memory.shown_ram_in_bytes"),
          "needs a kernel with files of its own");
      group.directory().write("memory.shown_ram_in_bytes", "8192");
      assertThat(group.directory().read("memory.shown_ram_in_bytes")).isEqualTo("8192");
    }
  }

  @Test
  void theJvmDoesNotLowerItsOwnMemory() {
    String self = Long.toString(ProcessHandle.current().pid());
    try (TestGroup group = TestGroup.v1(Subsystem.MEMORY)) {
      CounterV1 memory = new MemoryV1(group.directory()).memory();
      group.directory().write("cgroup.procs", self);
      try {
        assertThatIllegalStateException()
            .isThrownBy(() -> memory.setLimit(SMALL))
            .withMessageContaining("lowering memory.limit_in_bytes");
        assertThat(memory.limit()).isEqualTo(Limit.UNLIMITED);
      } finally {
        group.above().write("cgroup.procs", self);
      }
    }
  }

  @Test
  void sizesWithLettersAreThoseOfTheKernel() {
    try (TestGroup group = TestGroup.v1(Subsystem.MEMORY)) {
      CounterV1 memory = new MemoryV1(group.directory()).memory();
      Map.of("64k", 64L << 10, "8m", 8 * MIB, "1g", 1L << 30, "8M", 8 * MIB)
          .forEach((text, bytes) -> {
            group.directory().write("memory.limit_in_bytes", text);
            assertThat(memory.limit()).isEqualTo(Limit.of(bytes)).isEqualTo(Limit.ofSize(text));
          });
    }
  }
}
