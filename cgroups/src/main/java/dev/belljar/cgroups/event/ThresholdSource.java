package dev.belljar.cgroups.event;

import dev.belljar.cgroups.hierarchy.CgroupDirectory;
import dev.belljar.linux.Descriptor;
import dev.belljar.linux.call.FileCalls;

/**
 * A threshold on {@code memory.usage_in_bytes} of version 1.
 *
 * <p>The kernel compares the usage with the thresholds after every 128 pages or so that a processor
 * charges or gives back, and signals each side once. What it gives back meanwhile without comparing
 * (pages charged in advance, of which each processor keeps up to 63) may have moved the usage to
 * the other side again when it is read here, and then no signal follows. So it is looked at now and
 * then too, and the side that was told last is told no longer than it holds.
 */
final class ThresholdSource extends Source {
  static final String FILE = "memory.usage_in_bytes";

  private final long threshold;
  private final long interval;
  private EventFile file;
  private Descriptor eventfd;
  private boolean wasAbove;

  /**
   * Makes a source.
   *
   * @param threshold bytes
   * @param interval how often to look, in nanoseconds
   */
  ThresholdSource(long threshold, long interval) {
    this.threshold = threshold;
    this.interval = interval;
  }

  @Override
  void open(CgroupDirectory group) {
    file = own(EventFile.open(group, FILE));
    eventfd = own(FileCalls.eventfd());
    EventControl.register(group, eventfd, file, Long.toString(threshold));
    wasAbove = now().isAbove();
  }

  private CgroupEvent.MemoryThreshold now() {
    return new CgroupEvent.MemoryThreshold(threshold, file.number());
  }

  @Override
  void begin(Mailbox out) {
    await(eventfd.number(), false, out);
    poll(interval, out);
  }

  // The signal is taken first: one that comes after the reading is then told by the next look.
  @Override
  void look(Mailbox out) {
    boolean signalled = EventControl.take(eventfd) > 0;
    CgroupEvent.MemoryThreshold now = now(); // ENODEV: the signal was that of the group's removal
    if (signalled || now.isAbove() != wasAbove) {
      wasAbove = now.isAbove();
      out.put(now);
    }
  }
}
