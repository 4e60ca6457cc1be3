package dev.belljar.cgroups.controller;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.belljar.cgroups.coverage.Proves;
import dev.belljar.cgroups.hierarchy.CgroupDirectory;
import dev.belljar.cgroups.hierarchy.CgroupLayout;
import dev.belljar.cgroups.hierarchy.CgroupVersion;
import dev.belljar.cgroups.hierarchy.Subsystem;
import dev.belljar.cgroups.testing.CProgram;
import dev.belljar.cgroups.testing.Ending;
import dev.belljar.cgroups.testing.TestGroup;
import dev.belljar.linux.testing.KernelTest;
import dev.belljar.linux.testing.RequiresCgroupV1;
import dev.belljar.linux.testing.RequiresCgroupV2;
import dev.belljar.linux.testing.RequiresRoot;
import dev.belljar.linux.testing.RequiresTool;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the hugetlb controller does to programs that map huge pages, on both versions. */
@KernelTest
@RequiresRoot
@RequiresTool("gcc")
class HugetlbTest {
  private static final HugePageSize SIZE = HugePageSize.parse("2MB");
  private static final Path POOL =
      Path.of("/sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages");
  private static final Limit ONE = Limit.of(SIZE.bytes());
  private static final String NO_MEMORY = "mmap: Cannot allocate memory";

  /** Maps some huge pages of 2 MiB, touches some of them, says so, and waits for a line. */
  private static final String SOURCE =
      """
      #include <stdio.h>
      #include <stdlib.h>
      #include <sys/mman.h>
      #include <unistd.h>
      int main(int argc, char **argv) {
        long page = 2 << 20, mapped = atol(argv[1]), touched = atol(argv[2]);
        char *memory = mmap(0, mapped * page, PROT_READ | PROT_WRITE,
                            MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB, -1, 0);
        setvbuf(stdout, 0, _IONBF, 0);
        if (memory == MAP_FAILED) {
          dup2(1, 2);
          perror("mmap");
          return 1;
        }
        for (long i = 0; i < touched; i++) memory[i * page] = 1;
        puts("touched");
        getchar();
        return 0;
      }
      """;

  @TempDir private Path folder;
  private String poolBefore = "";
  private Path program = Path.of("/");

  @BeforeEach
  void makePages() throws IOException {
    Assumptions.assumeTrue(
        CgroupLayout.current().kind() != CgroupLayout.Kind.HYBRID,
        "needs a machine whose huge pages may be changed");
    poolBefore = Files.readString(POOL).strip();
    Files.writeString(POOL, "8");
    Assumptions.assumeTrue(
        Files.readString(POOL).strip().equals("8"), "needs memory for eight huge pages");
    program = CProgram.compile(folder, SOURCE);
  }

  @AfterEach
  void freePages() throws IOException {
    if (!poolBefore.isEmpty()) {
      Files.writeString(POOL, poolBefore);
    }
  }

  private String mapping(int mapped, int touched) {
    return "exec %s %d %d".formatted(program, mapped, touched);
  }

  @Test
  @RequiresCgroupV1("hugetlb")
  @Proves({
    "hugetlb.<size>.limit_in_bytes",
    "hugetlb.<size>.usage_in_bytes",
    "hugetlb.<size>.max_usage_in_bytes",
    "hugetlb.<size>.failcnt",
    "hugetlb.<size>.numa_stat"
  })
  void onVersion1AProcessThatTouchesTooManyGetsABusError() {
    try (TestGroup group = TestGroup.v1(Subsystem.HUGETLB)) {
      HugetlbV1 hugetlb = new HugetlbV1(group.directory());
      CounterV1 pages = hugetlb.pages(SIZE);
      assertThat(pages.limit()).isEqualTo(Limit.UNLIMITED);
      assertThat(pages.setLimit(Limit.of(3_000_000)).actual()).isEqualTo(ONE);

      Process one = group.run(mapping(2, 1));
      assertThat(Ending.line(one)).isEqualTo("touched");
      assertThat(pages.usage()).isEqualTo(SIZE.bytes());
      assertThat(hugetlb.numaStat(SIZE).get("total").total()).hasValue(SIZE.bytes());
      group.directory().kill();
      Ending.of(one);

      assertThat(Ending.of(group.run(mapping(2, 2)))).isEqualTo(Ending.BUS_ERROR);
      assertThat(pages.failures()).isPositive();
      pages.resetFailures();
      assertThat(pages.failures()).isZero();
      assertThat(pages.maxUsage()).isEqualTo(SIZE.bytes());
      pages.resetMaxUsage();
      assertThat(pages.maxUsage()).isZero();
      assertThat(pages.setLimit(Limit.UNLIMITED).isExact()).isTrue();
    }
  }

  @Test
  @RequiresCgroupV1("hugetlb")
  @Proves({
    "hugetlb.<size>.rsvd.limit_in_bytes",
    "hugetlb.<size>.rsvd.usage_in_bytes",
    "hugetlb.<size>.rsvd.max_usage_in_bytes",
    "hugetlb.<size>.rsvd.failcnt"
  })
  void onVersion1MappingMoreThanMayBeReservedFails() {
    try (TestGroup group = TestGroup.v1(Subsystem.HUGETLB)) {
      CounterV1 reserved = new HugetlbV1(group.directory()).reservations(SIZE);
      assertThat(reserved.setLimit(ONE).isExact()).isTrue();

      Process one = group.run(mapping(1, 0));
      assertThat(Ending.line(one)).isEqualTo("touched");
      assertThat(reserved.usage()).isEqualTo(SIZE.bytes());
      group.directory().kill();
      Ending.of(one);

      assertThat(Ending.output(group.run(mapping(2, 0)))).isEqualTo(NO_MEMORY);
      assertThat(reserved.failures()).isPositive();
      assertThat(reserved.maxUsage()).isEqualTo(SIZE.bytes());
    }
  }

  @Test
  @RequiresCgroupV2("hugetlb")
  @Proves({
    "hugetlb.<size>.max",
    "hugetlb.<size>.current",
    "hugetlb.<size>.events",
    "hugetlb.<size>.events.local",
    "hugetlb.<size>.numa_stat"
  })
  void onVersion2AProcessThatTouchesTooManyGetsABusError() {
    try (TestGroup group = TestGroup.v2(Subsystem.HUGETLB)) {
      HugetlbV2 hugetlb = new HugetlbV2(group.directory());
      assertThat(hugetlb.max(SIZE)).isEqualTo(Limit.UNLIMITED);
      assertThat(hugetlb.setMax(SIZE, Limit.of(3_000_000)).actual()).isEqualTo(ONE);

      Process one = group.run(mapping(2, 1));
      assertThat(Ending.line(one)).isEqualTo("touched");
      assertThat(hugetlb.current(SIZE)).isEqualTo(SIZE.bytes());
      assertThat(hugetlb.numaStat(SIZE).get("total").total()).hasValue(SIZE.bytes());
      group.directory().kill();
      Ending.of(one);

      assertThat(Ending.of(group.run(mapping(2, 2)))).isEqualTo(Ending.BUS_ERROR);
      assertThat(hugetlb.breaches(SIZE)).isPositive();
      assertThat(hugetlb.breachesHere(SIZE)).isPositive();
      assertThat(hugetlb.setMax(SIZE, Limit.UNLIMITED).isExact()).isTrue();
    }
  }

  @Test
  @RequiresCgroupV2("hugetlb")
  @Proves({"hugetlb.<size>.rsvd.max", "hugetlb.<size>.rsvd.current"})
  void onVersion2MappingMoreThanMayBeReservedFails() {
    try (TestGroup group = TestGroup.v2(Subsystem.HUGETLB)) {
      HugetlbV2 hugetlb = new HugetlbV2(group.directory());
      assertThat(hugetlb.setMaxReserved(SIZE, ONE).isExact()).isTrue();
      assertThat(hugetlb.maxReserved(SIZE)).isEqualTo(ONE);

      Process one = group.run(mapping(1, 0));
      assertThat(Ending.line(one)).isEqualTo("touched");
      assertThat(hugetlb.reserved(SIZE)).isEqualTo(SIZE.bytes());
      group.directory().kill();
      Ending.of(one);

      assertThat(Ending.output(group.run(mapping(2, 0)))).isEqualTo(NO_MEMORY);
    }
  }

  @Test
  @RequiresCgroupV2("hugetlb")
  void onVersion2TheJvmDoesNotTakeItsOwnHugePagesAway() {
    try (TestGroup group = TestGroup.v2(Subsystem.HUGETLB)) {
      HugetlbV2 hugetlb = new HugetlbV2(group.directory());
      group.withThisJvm(() -> {
        assertThatIllegalStateException()
            .isThrownBy(() -> hugetlb.setMax(SIZE, ONE))
            .withMessageContaining("lowering hugetlb.2MB.max");
        assertThatIllegalStateException()
            .isThrownBy(() -> hugetlb.setMaxReserved(SIZE, ONE))
            .withMessageContaining("lowering hugetlb.2MB.rsvd.max");
        assertThat(hugetlb.setMax(SIZE, Limit.UNLIMITED).isExact()).isTrue();
      });
    }
  }

  @Test
  void aSizeThatTheMachineLacksIsNamed() {
    assertThat(HugePageSize.all()).contains(SIZE);
    try (TestGroup group = TestGroup.with(Subsystem.HUGETLB)) {
      CgroupDirectory directory = group.directory();
      HugePageSize odd = HugePageSize.parse("128KB");
      assertThatExceptionOfType(UnsupportedOperationException.class)
          .isThrownBy(() -> {
            if (directory.version() == CgroupVersion.V1) {
              new HugetlbV1(directory).pages(odd);
            } else {
              new HugetlbV2(directory).current(odd);
            }
          })
          .withMessageContaining("huge pages of 128KB");
    }
  }
}
