package dev.belljar.cgroups.controller;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.belljar.cgroups.coverage.Proves;
import dev.belljar.cgroups.coverage.ReadsBack;
import dev.belljar.cgroups.hierarchy.CgroupDirectory;
import dev.belljar.cgroups.hierarchy.CgroupLayout;
import dev.belljar.cgroups.hierarchy.Subsystem;
import dev.belljar.cgroups.testing.Ending;
import dev.belljar.cgroups.testing.LoopDevice;
import dev.belljar.cgroups.testing.TestGroup;
import dev.belljar.linux.testing.KernelTest;
import dev.belljar.linux.testing.RequiresCgroupV2;
import dev.belljar.linux.testing.RequiresRoot;
import dev.belljar.linux.testing.RequiresTool;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the memory controller of version 2 does to processes. */
@KernelTest
@RequiresCgroupV2("memory")
class MemoryV2Test {
  private static final long MIB = 1 << 20;
  private static final Limit SMALL = Limit.of(16 * MIB);
  private static final Limit NONE = Limit.of(0);

  /** Takes 64 MiB at once, and touches them. */
  private static final String BIG = "dd if=/dev/zero of=/dev/null bs=64M count=1 status=none";

  @TempDir private Path folder;

  private static String reading(LoopDevice disk) {
    return "dd if=" + disk + " of=/dev/null bs=64k status=none";
  }

  @Test
  @RequiresRoot
  @RequiresTool("losetup")
  @Proves({
    "memory.max",
    "memory.current",
    "memory.events",
    "memory.events.local",
    "memory.stat",
    "memory.reclaim"
  })
  void pageCacheIsReclaimedBeforeAnyoneIsKilled() {
    try (LoopDevice disk = LoopDevice.make(folder, 64 * MIB);
        TestGroup group = TestGroup.v2(Subsystem.MEMORY)) {
      MemoryV2 memory = new MemoryV2(group.directory());
      memory.setMax(SMALL);

      assertThat(Ending.of(group.run(reading(disk)))).isZero();
      assertThat(memory.events().max()).isPositive();
      assertThat(memory.eventsHere().max()).isPositive();
      assertThat(memory.events().oomKills()).isZero();
      assertThat(memory.stat().get("file")).isBetween(MIB, 16 * MIB);
      assertThat(memory.current()).isLessThanOrEqualTo(16 * MIB);
      assertThat(memory.unreclaimable()).isLessThan(memory.current() - MIB);
      assertThat(memory.isBelowUsage(Limit.of(MIB))).isTrue();
      assertThat(memory.isBelowUsage(SMALL)).isFalse();

      long before = memory.stat().get("file");
      assertThat(memory.reclaim(4 * MIB)).isTrue();
      assertThat(memory.stat().get("file")).isLessThan(before - MIB);
      assertThat(memory.reclaim(1 << 30)).isFalse();
    }
  }

  @Test
  @RequiresRoot
  @RequiresTool("losetup")
  @Proves("memory.high")
  void aboveTheHighMarkMemoryIsReclaimedAndNobodyKilled() {
    try (LoopDevice disk = LoopDevice.make(folder, 64 * MIB);
        TestGroup group = TestGroup.v2(Subsystem.MEMORY)) {
      MemoryV2 memory = new MemoryV2(group.directory());
      assertThat(memory.setHigh(SMALL).isExact()).isTrue();

      assertThat(Ending.of(group.run(reading(disk)))).isZero();
      assertThat(memory.events().high()).isPositive();
      assertThat(memory.events().oomKills()).isZero();
      assertThat(memory.current()).isLessThan(32 * MIB);
    }
  }

  @Test
  @RequiresRoot
  @RequiresTool("losetup")
  @Proves({"memory.low", "memory.min"})
  void protectedMemoryIsKeptWhenSiblingsWantIt() {
    for (boolean hard : List.of(true, false)) {
      try (LoopDevice disk = LoopDevice.make(folder, 12 * MIB);
          LoopDevice other = LoopDevice.make(folder, 96 * MIB);
          TestGroup group = TestGroup.v2(Subsystem.MEMORY)) {
        group.directory().write("cgroup.subtree_control", "+memory");
        try (CgroupDirectory kept = group.directory().create("kept");
            CgroupDirectory greedy = group.directory().create("greedy")) {
          new MemoryV2(group.directory()).setMax(Limit.of(24 * MIB));
          MemoryV2 memory = new MemoryV2(kept);
          if (hard) {
            new MemoryV2(group.directory()).setMin(SMALL);
            memory.setMin(SMALL);
            assertThat(memory.min()).isEqualTo(SMALL);
          } else {
            new MemoryV2(group.directory()).setLow(SMALL);
            memory.setLow(SMALL);
            assertThat(memory.low()).isEqualTo(SMALL);
          }
          assertThat(Ending.of(group.runIn(kept, reading(disk)))).isZero();
          long cached = memory.stat().get("file");
          assertThat(cached).isGreaterThan(10 * MIB);

          assertThat(Ending.of(group.runIn(greedy, reading(other)))).isZero();
          assertThat(memory.stat().get("file")).isGreaterThan(cached - MIB);
          assertThat(new MemoryV2(group.directory()).events().max()).isPositive();
        }
      }
    }
  }

  @Test
  @Proves({"memory.max", "memory.peak", "memory.events"})
  void aProcessOverItsLimitIsKilledAndSaidToBe() {
    try (TestGroup group = TestGroup.v2(Subsystem.MEMORY)) {
      MemoryV2 memory = new MemoryV2(group.directory());
      memory.setMax(SMALL);
      new MemoryV2Swap(group.directory()).setMax(NONE);

      assertThat(Ending.of(group.run("(" + BIG + ")"))).isEqualTo(Ending.KILLED);
      assertThat(memory.events().oomKills()).isEqualTo(1);
      assertThat(memory.events().oom()).isPositive();
      memory.peak().ifPresent(peak -> assertThat(peak).isBetween(8 * MIB, 17 * MIB));
    }
  }

  @Test
  @Proves("memory.oom.group")
  void theWholeGroupIsKilledTogetherWhenAsked() {
    try (TestGroup group = TestGroup.v2(Subsystem.MEMORY)) {
      MemoryV2 memory = new MemoryV2(group.directory());
      memory.setMax(SMALL);
      new MemoryV2Swap(group.directory()).setMax(NONE);
      assertThat(memory.setOomGroup(true).isExact()).isTrue();
      assertThat(memory.isOomGroup()).isTrue();

      Process innocent = group.run("read end");
      Process shell = group.run("(" + BIG + "); read end");

      assertThat(Ending.of(innocent)).isEqualTo(Ending.KILLED);
      assertThat(Ending.of(shell)).isEqualTo(Ending.KILLED);
      assertThat(memory.events().oomGroupKills().orElse(1)).isEqualTo(1);
    }
  }

  @Test
  void aChildCannotExceedItsParent() {
    try (TestGroup group = TestGroup.v2(Subsystem.MEMORY);
        CgroupDirectory child = group.directory().create("child")) {
      new MemoryV2(group.directory()).setMax(SMALL);
      new MemoryV2Swap(group.directory()).setMax(NONE);
      group.directory().write("cgroup.subtree_control", "+memory");
      new MemoryV2(child).setMax(Limit.of(256 * MIB));

      assertThat(Ending.of(group.runIn(child, "(" + BIG + ")"))).isEqualTo(Ending.KILLED);
      assertThat(new MemoryV2(child).events().oomKills()).isEqualTo(1);
      assertThat(new MemoryV2(group.directory()).events().oomKills()).isEqualTo(1);
      assertThat(new MemoryV2(group.directory()).eventsHere().oomKills()).isZero();
    }
  }

  @Test
  @RequiresRoot
  @RequiresTool({"losetup", "mkswap", "swapon"})
  @Proves({
    "memory.swap.max",
    "memory.swap.high",
    "memory.swap.current",
    "memory.swap.peak",
    "memory.swap.events"
  })
  void swapHasALimitOfItsOwn() {
    Assumptions.assumeTrue(
        CgroupLayout.current().kind() == CgroupLayout.Kind.V2, "needs a machine to add swap to");
    try (LoopDevice disk = LoopDevice.makeSwap(folder, 64 << 20);
        TestGroup group = TestGroup.v2(Subsystem.MEMORY)) {
      try {
        MemoryV2 memory = new MemoryV2(group.directory());
        MemoryV2Swap swap = new MemoryV2Swap(group.directory());
        swap.setMax(SMALL);

        Process holder = group.run(MemoryV1Test.holding(10));
        assertThat(Ending.line(holder)).isEqualTo("ready");
        memory.reclaim(8 * MIB);
        assertThat(swap.current()).isBetween(MIB, 16 * MIB);
        swap.peak().ifPresent(peak -> assertThat(peak).isGreaterThanOrEqualTo(swap.current()));
        assertThat(memory.events().oomKills()).isZero();

        swap.setHigh(Limit.of(MIB));
        assertThat(Ending.of(group.run("x=$(head -c 200000 /dev/zero | tr '\\0' x)"))).isZero();
        assertThat(swap.events().high()).as("slowed down, for what is swapped").isPositive();
        swap.setHigh(Limit.UNLIMITED);

        memory.setMax(SMALL);
        assertThat(Ending.of(group.run("(" + BIG + ")"))).isEqualTo(Ending.KILLED);
        assertThat(swap.current()).isLessThanOrEqualTo(16 * MIB);
        swap.peak().ifPresent(peak -> assertThat(peak).isLessThanOrEqualTo(16 * MIB));
      } finally {
        group.directory().kill();
        LoopDevice.command("swapoff", disk.toString());
      }
    }
  }

  @Test
  @RequiresRoot
  @RequiresTool({"losetup", "mkswap", "swapon"})
  @Proves({"memory.zswap.current", "memory.zswap.max"})
  void whatIsSwappedToCompressedMemoryHasALimitOfItsOwn() throws IOException {
    Path enabled = Path.of("/sys/module/zswap/parameters/enabled");
    Assumptions.assumeTrue(
        CgroupLayout.current().kind() == CgroupLayout.Kind.V2 && Files.exists(enabled),
        "needs a machine to add swap to");
    String before = Files.readString(enabled);
    try (LoopDevice disk = LoopDevice.makeSwap(folder, 64 << 20);
        TestGroup group = TestGroup.v2(Subsystem.MEMORY)) {
      try {
        Files.writeString(enabled, "Y");
        MemoryV2 memory = new MemoryV2(group.directory());
        MemoryV2Swap swap = new MemoryV2Swap(group.directory());
        Assumptions.assumeTrue(swap.maxCompressed().isPresent(), "needs zswap in groups");

        // pages of one byte over and over would take no memory at all; each request may take all
        // there is
        String holding = "x=$(seq 300000); echo ready; read end";
        Process holder = group.run(holding);
        assertThat(Ending.line(holder)).isEqualTo("ready");
        memory.reclaim(MIB);
        long compressed = swap.compressed().orElseThrow();
        assertThat(compressed).isPositive();

        swap.setMaxCompressed(NONE);
        long swapped = swap.current();
        Process other = group.run(holding);
        assertThat(Ending.line(other)).isEqualTo("ready");
        memory.reclaim(MIB);
        assertThat(swap.current()).isGreaterThan(swapped);
        // of the first, something may have been wanted back meanwhile
        assertThat(swap.compressed().orElseThrow()).isLessThanOrEqualTo(compressed);
      } finally {
        group.directory().kill();
        Files.writeString(enabled, before);
        LoopDevice.command("swapoff", disk.toString());
      }
    }
  }

  @Test
  @ReadsBack(
      value = {"memory.zswap.writeback", "memory.numa_stat", "memory.pressure"},
      why =
          "nothing is written back while the compressed pages have room, and pressure and nodes are"
              + " what the machine happens to have")
  void valuesAreReadBack() {
    try (TestGroup group = TestGroup.v2(Subsystem.MEMORY)) {
      MemoryV2 memory = new MemoryV2(group.directory());
      MemoryV2Swap swap = new MemoryV2Swap(group.directory());
      assertThat(memory.setMax(Limit.of(5000)).actual()).isEqualTo(Limit.of(4096));
      assertThat(memory.setMax(Limit.UNLIMITED).isExact()).isTrue();
      assertThat(memory.setLow(Limit.UNLIMITED).isExact()).isTrue();
      assertThat(memory.setHigh(Limit.UNLIMITED).isExact()).isTrue();
      assertThat(memory.numaStat().get("anon").total()).isEmpty();
      assertThat(memory.pressure().orElseThrow().some()).isPresent();

      assertThat(swap.setHigh(SMALL).isExact()).isTrue();
      assertThat(swap.high()).isEqualTo(SMALL);
      assertThat(swap.events()).isEqualTo(new MemoryV2Swap.Events(0, 0, 0));

      if (swap.maxCompressed().isPresent()) {
        assertThat(swap.compressed()).hasValue(0);
        assertThat(swap.setMaxCompressed(SMALL).isExact()).isTrue();
      }
      if (swap.writesBack().isPresent()) {
        assertThat(swap.writesBack()).hasValue(true);
        assertThat(swap.setWritesBack(false).isExact()).isTrue();
      }
    }
  }

  @Test
  void theJvmDoesNotLowerItsOwnMemory() {
    try (TestGroup group = TestGroup.v2(Subsystem.MEMORY)) {
      MemoryV2 memory = new MemoryV2(group.directory());
      MemoryV2Swap swap = new MemoryV2Swap(group.directory());
      group.withThisJvm(() -> {
        assertThatIllegalStateException()
            .isThrownBy(() -> memory.setMax(SMALL))
            .withMessageContaining("lowering memory.max");
        assertThatIllegalStateException().isThrownBy(() -> memory.setHigh(SMALL));
        assertThatIllegalStateException().isThrownBy(() -> swap.setMax(SMALL));
        assertThatIllegalStateException()
            .isThrownBy(() -> swap.setHigh(SMALL))
            .withMessageContaining("lowering memory.swap.high");
        assertThat(memory.max()).isEqualTo(Limit.UNLIMITED);
      });
    }
  }
}
