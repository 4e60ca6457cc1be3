package dev.belljar.cgroups.event;

import java.time.Duration;
import java.util.Objects;

/**
 * Something that has happened to a group.
 *
 * <p>Notifications of the kernel only say that something may have happened. What an event says was
 * read from the group's counters afterwards, and is the difference to what the same listener was
 * told before: so many at once may be one event.
 */
public sealed interface CgroupEvent {
  /**
   * The group was out of memory: its limit was reached and nothing could be reclaimed. What follows
   * is most often an {@link OomKill}; one kill can take many of these.
   *
   * @param count how many times since the last event; on version 1 the notifications
   */
  record Oom(long count) implements CgroupEvent {}

  /**
   * Processes were killed for lack of memory.
   *
   * @param count how many since the last event
   * @param total how many since the group was made
   */
  record OomKill(long count, long total) implements CgroupEvent {}

  /**
   * The group went over {@code memory.high} and was slowed down; version 2 only.
   *
   * @param count how many times since the last event
   */
  record MemoryHigh(long count) implements CgroupEvent {}

  /**
   * The group was about to go over its memory limit: {@code max} of {@code memory.events}; on
   * version 1 {@code memory.failcnt}.
   *
   * @param count how many times since the last event
   */
  record MemoryMax(long count) implements CgroupEvent {}

  /**
   * The kernel has trouble reclaiming memory of the group; version 1 only.
   *
   * @param level the level that was asked for, or one above
   */
  record MemoryPressure(PressureLevel level) implements CgroupEvent {
    /** Makes an event. */
    public MemoryPressure {
      Objects.requireNonNull(level, "level");
    }
  }

  /**
   * Processes of the group waited for a resource longer than a trigger allows.
   *
   * @param trigger the trigger
   * @param time how long since the last event, or since the trigger was set
   */
  record Stalled(StallTrigger trigger, Duration time) implements CgroupEvent {
    /** Makes an event. */
    public Stalled {
      Objects.requireNonNull(trigger, "trigger");
      Objects.requireNonNull(time, "time");
    }
  }

  /**
   * The memory that the group uses went across a threshold, up or down; version 1 only.
   *
   * @param threshold bytes
   * @param usage what it uses now, in bytes
   */
  record MemoryThreshold(long threshold, long usage) implements CgroupEvent {
    /**
     * Tells on which side the group is now.
     *
     * @return true when it uses as much as the threshold or more
     */
    public boolean isAbove() {
      return usage >= threshold;
    }
  }

  /**
   * A process or thread could not be made because of {@code pids.max}.
   *
   * @param count how many times since the last event
   */
  record PidsLimit(long count) implements CgroupEvent {}

  /** The group, or one below it, has a process; there was none before. */
  record Populated() implements CgroupEvent {}

  /** Neither the group nor one below it has a process any more. */
  record Emptied() implements CgroupEvent {}

  /** All processes of the group and below it have stopped, because it was frozen. */
  record Frozen() implements CgroupEvent {}

  /** The group is not frozen any more. */
  record Thawed() implements CgroupEvent {}

  /** The group was removed; nothing comes after it. */
  record Removed() implements CgroupEvent {}
}
