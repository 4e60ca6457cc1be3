package dev.belljar.cgroups.hierarchy;

import dev.belljar.cgroups.testing.TestGroup;
import dev.belljar.linux.testing.KernelTest;
import dev.belljar.linux.testing.RequiresCgroupV1;
import dev.belljar.linux.testing.RequiresCgroupV2;
import dev.belljar.linux.testing.RequiresRoot;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@KernelTest
class MemoryErrorsTest {
  private static final String LIMIT = "memory.limit_in_bytes";
  private static final String MEMSW = "memory.memsw.limit_in_bytes";

  private static void v1(Consumer<CgroupDirectory> test) {
    try (TestGroup group = TestGroup.v1(Subsystem.MEMORY)) {
      test.accept(group.directory());
    }
  }

  private static void v2(Consumer<CgroupDirectory> test) {
    try (TestGroup group = TestGroup.v2(Subsystem.MEMORY)) {
      test.accept(group.directory());
    }
  }

  @Test
  @RequiresRoot
  @RequiresCgroupV1("memory")
  void memoryAndSwapBelowMemory() {
    v1(group -> {
      group.write(LIMIT, "8m");
      Refusal.of(group, MEMSW, "4m", MemoryErrors.BELOW_LIMIT);
    });
  }

  @Test
  @RequiresRoot
  @RequiresCgroupV1("memory")
  void memoryAboveMemoryAndSwap() {
    v1(group -> {
      group.write(LIMIT, "8m");
      group.write(MEMSW, "16m");
      Refusal.of(group, LIMIT, "32m", MemoryErrors.ABOVE_MEMSW);
      Refusal.of(group, LIMIT, "-1", MemoryErrors.ABOVE_MEMSW);
    });
  }

  @ParameterizedTest
  @ValueSource(
      strings = {LIMIT, MEMSW, "memory.soft_limit_in_bytes", "memory.kmem.tcp.limit_in_bytes"})
  @RequiresRoot
  @RequiresCgroupV1("memory")
  void version1RefusesTheWordMax(String file) {
    v1(group -> Refusal.of(group, file, "max", MemoryErrors.V1_NUMBER));
  }

  @Test
  @RequiresRoot
  @RequiresCgroupV1("memory")
  void memoryInUseIsNotTakenAwayOnVersion1() throws IOException {
    try (TestGroup group = TestGroup.v1(Subsystem.MEMORY)) {
      Process holder =
          group.run("x=$(head -c 4000000 /dev/zero | tr '\\0' x); echo ready; read end");
      holder.getInputStream().read();
      group.directory().write(MEMSW, group.directory().read(MEMSW));
      Refusal.of(group.directory(), LIMIT, "1m", MemoryErrors.IN_USE);
    }
  }

  @Test
  @RequiresRoot
  @RequiresCgroupV1("memory")
  void theRestOfVersion1() {
    v1(group -> {
      Refusal.of(group, "memory.swappiness", "201", MemoryErrors.SWAPPINESS);
      Refusal.of(group, "memory.oom_control", "2", MemoryErrors.OOM_CONTROL);
      Refusal.of(group, "memory.use_hierarchy", "0", MemoryErrors.NOT_HIERARCHICAL);
      Refusal.of(group, "memory.move_charge_at_immigrate", "4", MemoryErrors.CHARGES_STAY);
    });
  }

  @Test
  @RequiresRoot
  @RequiresCgroupV1("memory")
  void theRootOfVersion1CannotBeLimited() {
    try (CgroupDirectory root = TestGroup.rootOfV1(Subsystem.MEMORY)) {
      Refusal.of(root, LIMIT, "-1", MemoryErrors.ROOT);
    }
  }

  @Test
  @RequiresRoot
  @RequiresCgroupV1("memory")
  void theRootOfANamespaceIsAGroupLikeOthers() {
    v1(group -> {
      Hierarchy all = group.hierarchy();
      HierarchyMount mount = new HierarchyMount(group.path(), all.mounts().getFirst().root(), true);
      Hierarchy seenInside =
          new Hierarchy(
              all.id(),
              all.version(),
              all.name(),
              all.subsystems(),
              List.of(mount),
              Optional.of(group.path()));
      try (CgroupDirectory root = CgroupDirectory.open(seenInside, group.path())) {
        Refusal.of(root, LIMIT, "max", MemoryErrors.V1_NUMBER);
      }
    });
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"memory.min", "memory.low", "memory.high", "memory.max", "memory.swap.max"})
  @RequiresCgroupV2("memory")
  void version2RefusesMinusOne(String file) {
    v2(group -> {
      Refusal.of(group, file, "-1", MemoryErrors.V2_NUMBER);
      Refusal.of(group, file, "much", MemoryErrors.V2_NUMBER);
    });
  }

  @Test
  @RequiresCgroupV2("memory")
  void theRestOfVersion2() {
    v2(group -> {
      Refusal.of(group, "memory.oom.group", "2", MemoryErrors.V2_FLAG);
      Refusal.of(group, "memory.reclaim", "1g", MemoryErrors.LESS_RECLAIMED);
      Refusal.of(group, "memory.reclaim", "much", MemoryErrors.NOT_RECLAIM);
    });
  }
}
