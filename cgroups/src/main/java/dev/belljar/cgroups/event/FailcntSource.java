package dev.belljar.cgroups.event;

import dev.belljar.cgroups.hierarchy.CgroupDirectory;
import java.util.Optional;

/**
 * {@code memory.failcnt} of version 1, with that of memory and swap together, which is the one that
 * counts where both limits are the same. They have to be looked at now and then.
 */
final class FailcntSource extends Source {
  static final String FILE = "memory.failcnt";
  private static final String WITH_SWAP = "memory.memsw.failcnt";

  private final long interval;
  private EventFile file;
  private Optional<EventFile> withSwap = Optional.empty();
  private CounterDelta failures;

  FailcntSource(long interval) {
    this.interval = interval;
  }

  @Override
  void open(CgroupDirectory group) {
    file = own(EventFile.open(group, FILE));
    withSwap =
        group.has(WITH_SWAP)
            ? Optional.of(own(EventFile.open(group, WITH_SWAP)))
            : Optional.empty();
    failures = new CounterDelta(count());
  }

  private long count() {
    return file.number() + withSwap.map(EventFile::number).orElse(0L);
  }

  @Override
  void begin(Mailbox out) {
    poll(interval, out);
  }

  @Override
  void look(Mailbox out) {
    long delta = failures.to(count());
    if (delta > 0) {
      out.put(new CgroupEvent.MemoryMax(delta));
    }
  }
}
