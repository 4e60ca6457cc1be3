package dev.belljar.cgroups.testing;

import dev.belljar.cgroups.hierarchy.CgroupDirectory;
import dev.belljar.cgroups.hierarchy.CgroupLayout;
import dev.belljar.cgroups.hierarchy.CgroupVersion;
import dev.belljar.cgroups.hierarchy.Hierarchy;
import dev.belljar.cgroups.hierarchy.Subsystem;
import dev.belljar.cgroups.tree.Backoff;
import dev.belljar.cgroups.tree.GroupKill;
import dev.belljar.cgroups.tree.GroupTree;
import dev.belljar.linux.BytePath;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Assumptions;

/**
 * A group for one test in one hierarchy, and the processes started for it; all go when it is
 * closed.
 *
 * {@snippet :
 * try (TestGroup group = TestGroup.v2(Subsystem.PIDS)) {
 *   Process process = group.run("read line; exec sleep 1000");
 *   group.directory().write("pids.max", "5");
 * }
 * }
 */
public final class TestGroup implements AutoCloseable {
  private static final AtomicInteger COUNTER = new AtomicInteger();
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private final CgroupDirectory above;
  private final String name;
  private final CgroupDirectory directory;
  private final Deque<Process> processes = new ArrayDeque<>();

  private TestGroup(CgroupDirectory above) {
    this.above = above;
    this.name = "belljar-test-" + COUNTER.incrementAndGet();
    try {
      this.directory = above.create(name);
    } catch (RuntimeException | Error failure) {
      above.close();
      throw failure;
    }
  }

  /** Makes a group in the version 1 hierarchy of a subsystem, below the JVM's own group. */
  public static TestGroup v1(Subsystem subsystem) {
    Hierarchy hierarchy = v1Hierarchy(subsystem);
    return new TestGroup(CgroupDirectory.open(hierarchy, hierarchy.own().orElseThrow()));
  }

  private static Hierarchy v1Hierarchy(Subsystem subsystem) {
    return CgroupLayout.current().hierarchies().stream()
        .filter(each -> each.version() == CgroupVersion.V1 && each.has(subsystem))
        .findFirst()
        .orElseThrow();
  }

  /**
   * Makes a group of version 2 that may use some controllers, below the nearest group at or above
   * the JVM's own that hands them to its children.
   */
  public static TestGroup v2(Subsystem... controllers) {
    Hierarchy hierarchy = CgroupLayout.current().v2().orElseThrow();
    List<String> names =
        Arrays.stream(controllers).map(each -> each.v2Name().orElseThrow()).toList();
    BytePath base = hierarchy.own().orElseThrow();
    while (!enabled(base).containsAll(names)) {
      base = base.parent().filter(up -> up.startsWith(hierarchy.mountPoint())).orElseThrow();
    }
    return new TestGroup(CgroupDirectory.open(hierarchy, base));
  }

  private static List<String> enabled(BytePath group) {
    try {
      String file = "cgroup.subtree_control";
      return List.of(Files.readString(group.resolve(file).toPath()).strip().split(" "));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Makes a group of the hierarchy a subsystem is in, whichever version it has. */
  public static TestGroup with(Subsystem subsystem) {
    Hierarchy hierarchy = CgroupLayout.current().with(subsystem).orElseThrow();
    return hierarchy.version() == CgroupVersion.V1 ? v1(subsystem) : v2(subsystem);
  }

  /** Makes a group right in the root of a hierarchy. */
  public static TestGroup at(Hierarchy hierarchy) {
    return new TestGroup(CgroupDirectory.open(hierarchy, hierarchy.mountPoint()));
  }

  /**
   * Opens the root of the version 1 hierarchy of a subsystem, and skips the test where only that of
   * a cgroup namespace is seen, which is a group like others.
   */
  public static CgroupDirectory rootOfV1(Subsystem subsystem) {
    Hierarchy hierarchy = v1Hierarchy(subsystem);
    CgroupDirectory root = CgroupDirectory.open(hierarchy, hierarchy.mountPoint());
    if (!root.has("release_agent")) {
      root.close();
      Assumptions.abort("needs to see the root of the hierarchy");
    }
    return root;
  }

  /** Does something while this JVM is in the group. */
  public void withThisJvm(Runnable action) {
    String self = Long.toString(ProcessHandle.current().pid());
    Hierarchy hierarchy = directory.hierarchy();
    // not the group above, which may hold no processes where it hands a controller down
    try (CgroupDirectory own = CgroupDirectory.open(hierarchy, hierarchy.own().orElseThrow())) {
      directory.write("cgroup.procs", self);
      try {
        action.run();
      } finally {
        own.write("cgroup.procs", self);
      }
    }
  }

  /** The group. */
  public CgroupDirectory directory() {
    return directory;
  }

  /** The group it was made in. */
  public CgroupDirectory above() {
    return above;
  }

  /** Starts a shell outside the group; it ends with the test. */
  public Process start(String script) {
    try {
      Process process =
          new ProcessBuilder("sh", "-c", script)
              .redirectError(ProcessBuilder.Redirect.INHERIT)
              .start();
      processes.add(process);
      return process;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Starts a shell that runs a script once it is in the group. */
  public Process run(String script) {
    return runIn(directory, script);
  }

  /** Starts a shell that runs a script once it is in a group below this one. */
  public Process runIn(CgroupDirectory group, String script) {
    Process process = start("read go; " + script);
    group.write("cgroup.procs", Long.toString(process.pid()));
    try {
      process.getOutputStream().write("\n".getBytes(StandardCharsets.US_ASCII));
      process.getOutputStream().flush();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return process;
  }

  /** Waits for something the kernel does in the background. */
  public static void until(String what, BooleanSupplier condition) {
    Backoff patience = new Backoff(Duration.ofSeconds(60));
    while (!condition.getAsBoolean()) {
      if (!patience.pause()) {
        throw new AssertionError("never happened: " + what);
      }
    }
  }

  @Override
  public void close() {
    byte[] bytes = name.getBytes(StandardCharsets.US_ASCII);
    try (above;
        directory) {
      for (Process process : processes) {
        process.destroyForcibly();
      }
      kill(bytes);
      for (Process process : processes) {
        awaitEnd(process);
      }
      GroupTree.remove(above.directory().number(), bytes, new Backoff(PATIENCE));
    }
  }

  private void kill(byte[] bytes) {
    if (directory.version() == CgroupVersion.V2) {
      GroupKill.v2(above.directory().number(), bytes);
    } else {
      boolean freezer = directory.hierarchy().has(Subsystem.FREEZER);
      GroupKill.v1(above.directory().number(), bytes, freezer, new Backoff(PATIENCE));
    }
  }

  private static void awaitEnd(Process process) {
    try {
      if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
        throw new AssertionError("process " + process.pid() + " did not end");
      }
      process.getInputStream().close();
      process.getOutputStream().close();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
