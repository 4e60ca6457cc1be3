package dev.belljar.examples.demonstrations;

import static dev.belljar.namespaces.NamespaceType.PID;

import dev.belljar.Container;
import dev.belljar.ContainerProcess;
import dev.belljar.linux.Signal;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** Signals across the border, the end of process 1, and orphans. */
final class ProcessesDemonstration implements Demonstration {
  private static final long INTERVAL_NANOS = Duration.ofMillis(2).toNanos();
  private static final long DEADLINE_NANOS = Duration.ofMinutes(1).toNanos();

  @Override
  public void run(Presentation presentation) throws IOException, InterruptedException {
    killOutside(presentation);
    killFirst(presentation);
    adopt(presentation);
  }

  private static void killOutside(Presentation presentation) throws IOException {
    long jvm = ProcessHandle.current().pid();
    try (Container container = Container.builder().start()) {
      presentation.show(
          PID,
          "kill -9 of this JVM by its number",
          Shell.complaint(container, "kill -9 " + jvm),
          state(jvm));
      presentation.hold("killed outside", container);
    }
  }

  private static void killFirst(Presentation presentation)
      throws IOException, InterruptedException {
    try (Container container = Container.builder().start()) {
      ContainerProcess cat = container.exec("cat");
      presentation.show(
          PID,
          "kill -9 of 1 from inside",
          Shell.complaint(container, "kill -9 1") + ", " + Shell.inside(container, state("1")),
          state(container.pid()));
      presentation.hold("killed inside", container.pid(), cat.pid());
      container.signal(Signal.SIGKILL);
      String ended = cat.awaitStatus().signal().map(Signal::name).orElse("none");
      container.waitFor();
      presentation.say(PID, "SIGKILL to it from outside", "another process inside got " + ended);
      presentation.hold("killed from outside", container.pid(), cat.pid());
    }
  }

  private static void adopt(Presentation presentation) throws IOException {
    try (Container container = Container.builder().start()) {
      // the shell that started it is gone when its output ends
      String inside = Shell.inside(container, "sleep 1000 >/dev/null 2>&1 & echo $!");
      String parent = "sed -n 's/^PPid:.//p' /proc/";
      await("the orphan is adopted", () -> orphans(container).size() == 1);
      long outside = orphans(container).getFirst();
      presentation.show(PID, "an orphan", inside, Long.toString(outside));
      presentation.show(
          PID,
          "its parent",
          Shell.inside(container, parent + inside + "/status"),
          Shell.outside(parent + outside + "/status"));
      presentation.hold("orphan", container.pid(), outside);
      Shell.inside(container, "kill -9 " + inside);
      await("the orphan is reaped", () -> orphans(container).isEmpty());
      presentation.show(
          PID, "the orphan, killed", Shell.inside(container, state(inside)), state(outside));
      presentation.hold("reaped", container.pid(), outside);
    }
  }

  /** The children of process 1, as the host numbers them. */
  private static List<Long> orphans(Container container) {
    return ProcessHandle.of(container.pid())
        .orElseThrow()
        .children()
        .map(ProcessHandle::pid)
        .toList();
  }

  private static String state(long pid) throws IOException {
    return Shell.outside(state(Long.toString(pid)));
  }

  private static String state(String pid) {
    return "test -e /proc/" + pid + " && echo " + pid + " is there || echo " + pid + " is gone";
  }

  private static void await(String what, BooleanSupplier condition) {
    long end = System.nanoTime() + DEADLINE_NANOS;
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() - end > 0) {
        throw new IllegalStateException("not within a minute: " + what);
      }
      LockSupport.parkNanos(INTERVAL_NANOS);
    }
  }
}
