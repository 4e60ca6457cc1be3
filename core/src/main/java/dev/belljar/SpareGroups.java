package dev.belljar;

import dev.belljar.cgroups.CgroupPlacement;
import dev.belljar.linux.call.Closing;
import dev.belljar.linux.event.EventLoop;
import dev.belljar.linux.event.Timers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.SequencedSet;

/**
 * The control groups for the next start of a spec, made while the container before them is on its
 * way to its command and its starter has nothing to do but wait: a start that finds them ready need
 * not wait for the kernel to make them.
 *
 * <p>Each container still has groups of its own, which nothing has run in before. They are made
 * ahead from the second start on, one set for each spec, and removed again when they are not used
 * for 5 to 10 s, when too many others are held, and when the library is shut down.
 */
final class SpareGroups {
  private static final int STARTS_BEFORE = 1;
  private static final int MOST = 8;
  private static final Duration PERIOD = Duration.ofSeconds(5);
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  /** Those that hold a spare, the oldest first; also the lock of all. */
  private static final SequencedSet<SpareGroups> HELD = new LinkedHashSet<>();

  private static Optional<Timers.Timer> timer = Optional.empty();
  private static int inTheMaking;

  private final CgroupPlacement placement;
  private final boolean ahead;
  private int startsLeft = STARTS_BEFORE;
  private boolean making;
  private Optional<ContainerGroup> spare = Optional.empty();
  private boolean old;

  /**
   * Makes nothing yet.
   *
   * @param placement where the groups are made
   * @param ahead whether any may be made before they are needed
   */
  SpareGroups(CgroupPlacement placement, boolean ahead) {
    this.placement = placement;
    this.ahead = ahead && !placement.hierarchies().isEmpty() && !placement.reserves();
  }

  /**
   * Returns groups for a container, made for it now unless they are ready.
   *
   * @throws UnsupportedOperationException when the host lacks a limit
   * @throws dev.belljar.linux.LinuxException when the kernel refuses; nothing is left behind
   */
  ContainerGroup take() {
    Optional<ContainerGroup> ready;
    synchronized (HELD) {
      ready = release();
    }
    return ready.orElseGet(() -> ContainerGroup.make(placement));
  }

  /** Tells whether the next start finds groups ready. */
  boolean isReady() {
    synchronized (HELD) {
      return spare.isPresent();
    }
  }

  /** Makes the next ones, unless there are some. */
  void makeNext() {
    synchronized (HELD) {
      if (!ahead || making || spare.isPresent() || startsLeft-- > 0) {
        return;
      }
      startsLeft = 0;
      making = true;
      inTheMaking++;
    }
    Optional<ContainerGroup> made = Optional.empty();
    try {
      made = Optional.of(ContainerGroup.make(placement));
    } catch (RuntimeException e) {
      // The next start makes its own, and says what fails.
    } finally {
      end(made);
    }
  }

  /** Removes those that were made ahead, as after a failed start, which is to leave nothing. */
  void drop() {
    synchronized (HELD) {
      release().ifPresent(ContainerGroup::close);
    }
  }

  private void end(Optional<ContainerGroup> made) {
    synchronized (HELD) {
      making = false;
      inTheMaking--;
      HELD.notifyAll();
      made.ifPresent(this::hold);
    }
  }

  private void hold(ContainerGroup made) {
    try {
      timer = Optional.of(timer.orElseGet(SpareGroups::schedule));
    } catch (RuntimeException | Error failure) {
      Closing.after(failure, made);
      throw failure;
    }
    spare = Optional.of(made);
    old = false;
    HELD.add(this);
    if (HELD.size() > MOST) {
      HELD.getFirst().release().ifPresent(ContainerGroup::close);
    }
  }

  private Optional<ContainerGroup> release() {
    HELD.remove(this);
    Optional<ContainerGroup> released = spare;
    spare = Optional.empty();
    return released;
  }

  // One timer for all: to set one for each would wake the event loop's thread at every start.
  private static Timers.Timer schedule() {
    return EventLoop.shared().schedule(PERIOD.toNanos(), () -> CleanUp.run(SpareGroups::giveUp));
  }

  private static void stopTimer() {
    timer.ifPresent(Timers.Timer::cancel);
    timer = Optional.empty();
  }

  /** Removes those that have not been used since the last time. */
  private static void giveUp() {
    synchronized (HELD) {
      List<AutoCloseable> unused = new ArrayList<>();
      for (SpareGroups each : List.copyOf(HELD)) {
        if (each.old) {
          each.release().ifPresent(unused::add);
        }
        each.old = true;
      }
      stopTimer();
      if (!HELD.isEmpty()) {
        unused.add(() -> timer = Optional.of(schedule()));
      }
      Closing.all(unused);
    }
  }

  /** Removes all of them, also those that are being made. */
  static void clear() {
    synchronized (HELD) {
      awaitThoseInTheMaking();
      stopTimer();
      List<AutoCloseable> all = new ArrayList<>();
      for (SpareGroups each : List.copyOf(HELD)) {
        each.release().ifPresent(all::add);
      }
      Closing.all(all);
    }
  }

  // Not for ever: what takes so long may hang in the kernel.
  private static void awaitThoseInTheMaking() {
    boolean interrupted = false;
    long end = System.nanoTime() + PATIENCE.toNanos();
    long left = PATIENCE.toMillis();
    while (inTheMaking > 0 && left > 0) {
      try {
        HELD.wait(left);
      } catch (InterruptedException e) {
        interrupted = true;
      }
      left = Duration.ofNanos(end - System.nanoTime()).toMillis();
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
