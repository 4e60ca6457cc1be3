package dev.belljar;

import dev.belljar.cgroups.CgroupPlacement;
import dev.belljar.linux.call.Closing;
import java.time.Duration;
import java.util.Optional;

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
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  /** Those that hold a spare; also the lock of all. */
  private static final Shelf HELD = new Shelf(() -> {});

  private static int inTheMaking;

  private final CgroupPlacement placement;
  private final boolean ahead;
  private final Shelf.Item item = this::closeSpare;
  private int startsLeft = STARTS_BEFORE;
  private boolean making;
  private Optional<ContainerGroup> spare = Optional.empty();

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
      HELD.take(item);
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

  private void end(Optional<ContainerGroup> made) {
    synchronized (HELD) {
      making = false;
      inTheMaking--;
      HELD.notifyAll();
      spare = made;
      if (made.isPresent()) {
        try {
          HELD.keep(item);
        } catch (RuntimeException | Error failure) {
          Closing.after(failure, this::drop);
          throw failure;
        }
      }
    }
  }

  /** Removes those that were made ahead, as after a failed start, which is to leave nothing. */
  void drop() {
    HELD.giveUp(item);
  }

  private Optional<ContainerGroup> release() {
    Optional<ContainerGroup> released = spare;
    spare = Optional.empty();
    return released;
  }

  private void closeSpare() {
    release().ifPresent(ContainerGroup::close);
  }

  /** Removes all of them, also those that are being made. */
  static void clear() {
    synchronized (HELD) {
      awaitThoseInTheMaking();
      HELD.clear();
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
