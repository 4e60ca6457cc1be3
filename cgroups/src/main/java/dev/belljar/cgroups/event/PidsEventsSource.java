package dev.belljar.cgroups.event;

import dev.belljar.cgroups.hierarchy.CgroupDirectory;
import dev.belljar.cgroups.tree.FlatKeyed;

/**
 * {@code pids.events}: announced on version 2; on version 1 not on all kernels (on 6.1, but not on
 * 6.18), so there it is looked at now and then.
 */
final class PidsEventsSource extends Source {
  static final String FILE = "pids.events";

  private final long interval;
  private EventFile file;
  private CounterDelta breaches;

  /**
   * Makes a source.
   *
   * @param interval nanoseconds, 0 when the kernel announces it
   */
  PidsEventsSource(long interval) {
    this.interval = interval;
  }

  @Override
  void open(CgroupDirectory group) {
    file = own(EventFile.open(group, FILE));
    breaches = new CounterDelta(max());
  }

  private long max() {
    return FlatKeyed.value(file.text(), "max").orElse(0);
  }

  @Override
  void begin(Mailbox out) {
    if (interval == 0) {
      await(file.fd(), true, out);
    } else {
      poll(interval, out);
    }
  }

  @Override
  void look(Mailbox out) {
    long delta = breaches.to(max());
    if (delta > 0) {
      out.put(new CgroupEvent.PidsLimit(delta));
    }
  }
}
