package dev.belljar.cgroups.event;

import dev.belljar.cgroups.hierarchy.CgroupDirectory;
import dev.belljar.linux.Descriptor;
import dev.belljar.linux.call.FileCalls;

/** A level of {@code memory.pressure_level} of version 1. */
final class PressureLevelSource extends Source {
  static final String FILE = "memory.pressure_level";

  private final PressureLevel level;
  private EventFile usage;
  private Descriptor eventfd;

  PressureLevelSource(PressureLevel level) {
    this.level = level;
  }

  @Override
  void open(CgroupDirectory group) {
    usage = own(EventFile.open(group, ThresholdSource.FILE));
    eventfd = own(FileCalls.eventfd());
    EventFile file = own(EventFile.open(group, FILE));
    EventControl.register(group, eventfd, file, level.toString());
  }

  @Override
  void begin(Mailbox out) {
    await(eventfd.number(), false, out);
  }

  @Override
  void look(Mailbox out) {
    boolean signalled = EventControl.take(eventfd) > 0;
    usage.number(); // afterwards; ENODEV: the signal was that of the group's removal
    if (signalled) {
      out.put(new CgroupEvent.MemoryPressure(level));
    }
  }
}
