package dev.belljar.cgroups;

import dev.belljar.cgroups.hierarchy.CgroupLayout;
import dev.belljar.cgroups.hierarchy.Hierarchy;
import dev.belljar.linux.BytePath;
import dev.belljar.linux.Finding;
import dev.belljar.linux.testing.KernelTest;
import dev.belljar.linux.testing.WarmUp;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;

/**
 * A test that makes real groups with limits, wherever this machine allows it: any layout, root or
 * not. After each nothing may be left once the library has let its own groups go.
 */
@KernelTest
@Timeout(value = 5, unit = TimeUnit.MINUTES)
abstract class GroupTest {
  static final Resources LIMITS =
      Resources.builder().cpuShares(512).cpus(0.5).memory(64 << 20).pids(20).build();

  private static final Duration DEADLINE = Duration.ofSeconds(60);

  @WarmUp
  static void makesAGroupOnce() throws Exception {
    if (missing().isEmpty()) {
      try (Cgroup group = Cgroup.create("warm-up", LIMITS)) {
        group.kill();
      }
      JvmCgroups.release();
    }
  }

  @BeforeEach
  void needsAPlaceForLimitedGroups() {
    Assumptions.assumeTrue(missing().isEmpty(), () -> "needs a place for groups: " + missing());
  }

  @AfterEach
  void letsTheLibrarysGroupsGo() {
    JvmCgroups.release();
  }

  private static String missing() {
    return CgroupPlacement.find(CgroupRequest.of(LIMITS)).missing().stream()
        .map(Finding::text)
        .collect(Collectors.joining("; "));
  }

  /** A process that does nothing until {@link #go}, and then runs a line of shell. */
  static Process waiting(String line) throws IOException {
    return new ProcessBuilder("sh", "-c", "read go; " + line).redirectErrorStream(true).start();
  }

  static void go(Process process) throws IOException {
    process.getOutputStream().close();
  }

  /** Ends a process of a test, whatever has become of it. */
  static void end(Process process) {
    process.destroyForcibly().onExit().join();
  }

  /** Tells whether a process has ended, be it reaped or not. */
  static boolean hasEnded(long pid) {
    try {
      String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
      return stat.charAt(stat.lastIndexOf(')') + 2) == 'Z';
    } catch (IOException gone) {
      return true;
    }
  }

  static void until(String what, BooleanSupplier condition) {
    long end = System.nanoTime() + DEADLINE.toNanos();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() > end) {
        throw new AssertionError("not within " + DEADLINE + ": " + what);
      }
      LockSupport.parkNanos(1_000_000);
    }
  }

  static Path path(BytePath path) {
    return Path.of(path.toString());
  }

  static Path path(Cgroup group, Hierarchy hierarchy) {
    return path(group.path(hierarchy));
  }

  /** What the kernel says of the groups of a process. */
  static String groupsOf(long pid) {
    return read(Path.of("/proc/" + pid + "/cgroup"));
  }

  static String read(Path file) {
    try {
      return Files.readString(file).strip();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static List<Long> processesIn(Path group) {
    return read(group.resolve("cgroup.procs")).lines().map(Long::valueOf).toList();
  }

  static List<Hierarchy> hierarchies() {
    return CgroupLayout.current().hierarchies();
  }

  /** Where a group with all limits would be made in a hierarchy; else where the JVM itself is. */
  static Path base(Hierarchy hierarchy) {
    CgroupPlacement placement = CgroupPlacement.find(CgroupRequest.of(LIMITS));
    int index = placement.hierarchies().indexOf(hierarchy);
    return path(index < 0 ? hierarchy.own().orElseThrow() : placement.bases().get(index));
  }

  /**
   * A path for a request's parent that this user may make in every hierarchy, and where no other
   * test is.
   */
  static String free(String name) {
    CgroupLayout layout = CgroupLayout.current();
    if (layout.kind() != CgroupLayout.Kind.V2) {
      return name;
    }
    Hierarchy v2 = layout.v2().orElseThrow();
    return path(v2.mountPoint()).relativize(base(v2)).resolve(name).toString();
  }
}
