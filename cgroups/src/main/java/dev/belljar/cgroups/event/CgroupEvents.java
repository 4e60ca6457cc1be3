package dev.belljar.cgroups.event;

import dev.belljar.cgroups.hierarchy.CgroupDirectory;
import dev.belljar.cgroups.hierarchy.Hierarchy;
import dev.belljar.linux.BytePath;
import dev.belljar.linux.LinuxException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * What is to be told of a group: chosen first, then begun as a stream or with a listener, any
 * number of times.
 *
 * {@snippet :
 * try (CgroupSubscription told = group.events().oom().population().listen(event -> {
 *       if (event instanceof CgroupEvent.OomKill kill) {
 *         log.warn("{} processes killed for lack of memory", kill.count());
 *       }
 *     })) {
 *   ...
 * }
 * }
 *
 * <p>Each stream and listener is told by itself: at most one event within 10 ms, which takes up
 * what has come of its kind meanwhile, however slow it is. It is told of what happens after it
 * began. On a machine with both versions, what version 1 cannot tell comes from the group's twin in
 * the tree of version 2. Immutable.
 */
public final class CgroupEvents {
  private final Map<Hierarchy, BytePath> places;
  private final Choice choice;

  private CgroupEvents(Map<Hierarchy, BytePath> places, Choice choice) {
    this.places = places;
    this.choice = choice;
  }

  /**
   * Begins with nothing chosen.
   *
   * @param groups the group in each of its hierarchies; they may be closed at once
   * @return what to choose from
   */
  public static CgroupEvents of(List<CgroupDirectory> groups) {
    Map<Hierarchy, BytePath> places = new LinkedHashMap<>();
    groups.forEach(group -> places.put(group.hierarchy(), group.path()));
    return at(places);
  }

  /**
   * Begins with nothing chosen.
   *
   * @param places where the group is in each of its hierarchies
   * @return what to choose from
   */
  public static CgroupEvents at(Map<Hierarchy, BytePath> places) {
    return new CgroupEvents(new LinkedHashMap<>(places), Choice.NOTHING);
  }

  private CgroupEvents with(Choice more) {
    return new CgroupEvents(places, more);
  }

  /**
   * Adds all that needs no number and that the group can tell: {@link #oom}, {@link #memoryLimits},
   * {@link #pidsLimit}, {@link #population}, {@link #freezing}.
   *
   * @return the wider choice
   */
  public CgroupEvents everything() {
    return with(choice.and(Choice.Kind.EVERYTHING));
  }

  /**
   * Adds {@link CgroupEvent.Oom} and {@link CgroupEvent.OomKill}: of the group itself on version 1,
   * of those below it too on version 2.
   *
   * @return the wider choice
   */
  public CgroupEvents oom() {
    return with(choice.and(Choice.Kind.OOM));
  }

  /**
   * Adds {@link CgroupEvent.MemoryMax} and, on version 2, {@link CgroupEvent.MemoryHigh}. Version 1
   * does not announce it: it is looked at now and then, see {@link #polling}, and some kernels do
   * not count it (6.18 leaves {@code memory.failcnt} at 0).
   *
   * @return the wider choice
   */
  public CgroupEvents memoryLimits() {
    return with(choice.and(Choice.Kind.MEMORY_LIMITS));
  }

  /**
   * Adds {@link CgroupEvent.PidsLimit}. Not every kernel announces it on version 1: there it is
   * looked at now and then, see {@link #polling}.
   *
   * @return the wider choice
   */
  public CgroupEvents pidsLimit() {
    return with(choice.and(Choice.Kind.PIDS_LIMIT));
  }

  /**
   * Adds {@link CgroupEvent.Populated} and {@link CgroupEvent.Emptied}. Without a tree of version 2
   * it is looked at now and then, see {@link #polling}.
   *
   * @return the wider choice
   */
  public CgroupEvents population() {
    return with(choice.and(Choice.Kind.POPULATION));
  }

  /**
   * Adds {@link CgroupEvent.Frozen} and {@link CgroupEvent.Thawed}: of the tree of version 2, where
   * this library freezes when there is one. Without it {@code freezer.state} is looked at now and
   * then, see {@link #polling}.
   *
   * @return the wider choice
   */
  public CgroupEvents freezing() {
    return with(choice.and(Choice.Kind.FREEZING));
  }

  /**
   * Adds {@link CgroupEvent.MemoryThreshold} for a threshold; version 1 only. The kernel looks at
   * the usage after every 128 pages or so, and says that it went across, not whereto: the event has
   * the usage read afterwards, so that a short crossing may be told by two events of one side.
   *
   * @param bytes the threshold, 0 or more
   * @return the wider choice
   * @throws IllegalArgumentException when it is negative
   */
  public CgroupEvents memoryThreshold(long bytes) {
    if (bytes < 0) {
      throw new IllegalArgumentException("a threshold is 0 bytes or more, not " + bytes);
    }
    return with(choice.andThreshold(bytes));
  }

  /**
   * Adds {@link CgroupEvent.MemoryPressure}; version 1 only, on version 2 use {@link #stall}.
   *
   * @param level from which level on
   * @return the wider choice
   */
  public CgroupEvents memoryPressure(PressureLevel level) {
    return with(choice.andLevel(level));
  }

  /**
   * Adds {@link CgroupEvent.Stalled}; needs a tree of version 2.
   *
   * @param trigger when it is to be told
   * @return the wider choice
   */
  public CgroupEvents stall(StallTrigger trigger) {
    return with(choice.andStall(trigger));
  }

  /**
   * Changes how often is looked at what the kernel does not announce, or not every time: on version
   * 1 {@link #population}, {@link #freezing}, {@link #memoryLimits}, {@link #pidsLimit}, kills of
   * {@link #oom} for lack of memory of the whole machine, and {@link #memoryThreshold}; on both
   * that the group was removed or a controller taken from it. What comes and goes in between is not
   * told.
   *
   * @param interval 10 ms or more; 1 s when not said
   * @return the changed choice
   * @throws IllegalArgumentException when it is shorter
   */
  public CgroupEvents polling(Duration interval) {
    if (interval.compareTo(Duration.ofMillis(10)) < 0) {
      throw new IllegalArgumentException("an interval is 10 ms or more, not " + interval);
    }
    return with(choice.every(interval));
  }

  /**
   * Begins a stream.
   *
   * @return the stream, to be closed
   * @throws IllegalArgumentException when nothing was chosen
   * @throws UnsupportedOperationException when the group cannot tell of all that was chosen; the
   *     message lists all it cannot
   * @throws LinuxException when the kernel refuses: ENOENT when the group is gone, EINVAL or EPERM
   *     for a {@link #stall} of an ordinary user
   */
  public CgroupEventStream open() {
    if (choice.isEmpty()) {
      throw new IllegalArgumentException("nothing was chosen to be told of");
    }
    Sources sources = Sources.open(places, choice);
    return CgroupEventStream.begin(sources.all());
  }

  /**
   * Begins with a listener, which is called by a virtual thread of its own, one event after the
   * other.
   *
   * @param listener what is told; an exception of it goes to the thread's handler of uncaught
   *     exceptions and does not end the telling
   * @return what ends the telling
   * @throws IllegalArgumentException as {@link #open}
   * @throws UnsupportedOperationException as {@link #open}
   * @throws LinuxException as {@link #open}
   */
  public CgroupSubscription listen(Consumer<CgroupEvent> listener) {
    return CgroupSubscription.begin(open(), listener);
  }
}
