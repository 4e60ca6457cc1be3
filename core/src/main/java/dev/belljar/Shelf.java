package dev.belljar;

import dev.belljar.linux.call.Closing;
import dev.belljar.linux.event.EventLoop;
import dev.belljar.linux.event.Timers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What is kept for later starts, of one kind: at most 8 at a time, the one not used for the longest
 * time goes first, and what nobody has used for 5 to 10 s goes too.
 *
 * <p>The shelf is the lock of what is on it.
 */
final class Shelf {
  private static final int MOST = 8;
  private static final Duration PERIOD = Duration.ofSeconds(5);

  /** Something that can be kept. */
  @FunctionalInterface
  interface Item {
    /** Gives up what is kept, since it is on the shelf no more. The shelf is locked. */
    void giveUp();
  }

  private final Runnable whenEmpty;

  /** Whether each was used since the last look, the one not used for the longest time first. */
  private final Map<Item, Boolean> items = new LinkedHashMap<>();

  private Optional<Timers.Timer> timer = Optional.empty();

  /**
   * Begins with nothing.
   *
   * @param whenEmpty run, with the shelf locked, when the last item was given up for want of use or
   *     by {@link #clear}
   */
  Shelf(Runnable whenEmpty) {
    this.whenEmpty = whenEmpty;
  }

  /**
   * Puts an item on the shelf, or says that it has been used.
   *
   * @throws dev.belljar.linux.LinuxException when nobody could look after it, and it was not put
   *     there; or when another one, which had to make room, is not given up as it should
   */
  synchronized void keep(Item item) {
    timer = Optional.of(timer.orElseGet(this::schedule));
    items.remove(item);
    items.put(item, true);
    if (items.size() > MOST) {
      giveUp(items.keySet().iterator().next());
    }
  }

  /** Takes an item off, which is the caller's then. Twice is once. */
  synchronized void take(Item item) {
    items.remove(item);
  }

  /** Gives an item up. */
  synchronized void giveUp(Item item) {
    items.remove(item);
    item.giveUp();
  }

  /** Gives all up. */
  synchronized void giveUpAll() {
    Closing.all(List.copyOf(items.keySet()).stream().map(this::givingUp).toList());
  }

  /** Gives all up, and stops looking after them. */
  synchronized void clear() {
    timer.ifPresent(Timers.Timer::cancel);
    timer = Optional.empty();
    Closing.all(List.of(this::giveUpAll, whenEmpty::run));
  }

  private AutoCloseable givingUp(Item item) {
    return () -> giveUp(item);
  }

  // One timer for all: to set one for each would wake the event loop's thread at every start.
  private Timers.Timer schedule() {
    return EventLoop.shared().schedule(PERIOD.toNanos(), () -> CleanUp.run(this::look));
  }

  private synchronized void look() {
    List<AutoCloseable> work = new ArrayList<>();
    items.forEach((item, used) -> {
      if (!used) {
        work.add(givingUp(item));
      }
    });
    items.replaceAll((_, _) -> false);
    timer = Optional.empty();
    work.add(() -> {
      if (items.isEmpty()) {
        whenEmpty.run();
      } else {
        timer = Optional.of(schedule());
      }
    });
    Closing.all(work);
  }
}
