package dev.belljar.benchmarks;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * The hugetlb controller mounted as a version 1 hierarchy, for as long as crun is measured.
 *
 * <p>crun 1.8 refuses hosts on which version 1 hierarchies are mounted while a controller is in the
 * version 2 tree. This changes the whole machine, so it is done only when asked for, and undone in
 * any case.
 */
final class HugetlbOnV1 implements AutoCloseable {
  private static final Path CONTROLLERS = Path.of("/proc/cgroups");
  private static final int TRIES = 100;
  private static final long PAUSE_MILLIS = 100;

  private final Path mountPoint;
  private final Thread hook = new Thread(this::undo, "undo-hugetlb-on-v1");
  private boolean mounted;

  private HugetlbOnV1(Path mountPoint) {
    this.mountPoint = mountPoint;
  }

  /** Tells whether this host is one that crun refuses. */
  static boolean isNeeded() throws IOException {
    return hierarchyOfHugetlb() == 0 && Files.exists(Path.of("/sys/fs/cgroup/cpu/tasks"));
  }

  /**
   * Mounts it.
   *
   * @param mountPoint an empty directory
   */
  static HugetlbOnV1 mount(Path mountPoint) throws IOException, InterruptedException {
    HugetlbOnV1 made = new HugetlbOnV1(mountPoint);
    Runtime.getRuntime().addShutdownHook(made.hook);
    made.mounted = true;
    if (!run("mount", "-t", "cgroup", "-o", "hugetlb", "hugetlb", mountPoint.toString())) {
      throw new IllegalStateException("hugetlb could not be mounted as version 1");
    }
    return made;
  }

  private static long hierarchyOfHugetlb() throws IOException {
    return field(1);
  }

  private static long groupsOfHugetlb() throws IOException {
    return field(2);
  }

  // "hugetlb", hierarchy (0: version 2), number of groups, enabled
  private static long field(int index) throws IOException {
    for (String line : Files.readAllLines(CONTROLLERS)) {
      List<String> fields = List.of(line.split("\t"));
      if (fields.getFirst().equals("hugetlb")) {
        return Long.parseLong(fields.get(index));
      }
    }
    return -1;
  }

  private static boolean run(String... command) throws IOException, InterruptedException {
    return new ProcessBuilder(command).inheritIO().start().waitFor() == 0;
  }

  @Override
  public void close() {
    undo();
    Runtime.getRuntime().removeShutdownHook(hook);
  }

  // A removed group holds on to the hierarchy for a while; unmounted meanwhile, the hierarchy would
  // stay, invisible. So this waits until only its root is left, and looks whether it has gone.
  private synchronized void undo() {
    if (!mounted) {
      return;
    }
    try {
      for (int i = 0; i < TRIES && groupsOfHugetlb() > 1; i++) {
        Thread.sleep(PAUSE_MILLIS);
      }
      run("umount", mountPoint.toString());
      mounted = false;
      for (int i = 0; i < TRIES && hierarchyOfHugetlb() != 0; i++) {
        Thread.sleep(PAUSE_MILLIS);
      }
      if (hierarchyOfHugetlb() != 0) {
        System.err.println("hugetlb is still a version 1 hierarchy: see /proc/cgroups");
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
