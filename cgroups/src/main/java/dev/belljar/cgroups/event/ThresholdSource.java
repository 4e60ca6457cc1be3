package dev.belljar.cgroups.event;

import dev.belljar.cgroups.hierarchy.CgroupDirectory;
import dev.belljar.linux.Descriptor;
import dev.belljar.linux.call.FileCalls;

/** A threshold on {@code memory.usage_in_bytes} of version 1. */
final class ThresholdSource extends Source {
  static final String FILE = "memory.usage_in_bytes";

  private final long threshold;
  private EventFile file;
  private Descriptor eventfd;

  ThresholdSource(long threshold) {
    this.threshold = threshold;
  }

  @Override
  void open(CgroupDirectory group) {
    file = own(EventFile.open(group, FILE));
    eventfd = own(FileCalls.eventfd());
    EventControl.register(group, eventfd, file, Long.toString(threshold));
  }

  @Override
  void begin(Mailbox out) {
    await(eventfd.number(), false, out);
  }

  @Override
  void look(Mailbox out) {
    long usage = file.number(); // ENODEV: the signal was that of the group's removal
    if (EventControl.take(eventfd) > 0) {
      out.put(new CgroupEvent.MemoryThreshold(threshold, usage));
    }
  }
}
