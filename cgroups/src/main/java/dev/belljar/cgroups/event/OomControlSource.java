package dev.belljar.cgroups.event;

import dev.belljar.cgroups.hierarchy.CgroupDirectory;
import dev.belljar.cgroups.tree.FlatKeyed;
import dev.belljar.linux.Descriptor;
import dev.belljar.linux.call.FileCalls;
import java.util.concurrent.TimeUnit;

/**
 * {@code memory.oom_control} of version 1, which tells of the group itself only.
 *
 * <p>The kernel signals that the group is out of memory before it kills, and does not signal the
 * kill. So the counter is looked at again for some time after each signal; and now and then, since
 * a kill for lack of memory of the whole machine is not signalled at all.
 */
final class OomControlSource extends Source {
  static final String FILE = "memory.oom_control";

  private static final long PATIENCE = TimeUnit.SECONDS.toNanos(3);

  private final long interval;
  private EventFile file;
  private Descriptor eventfd;
  private CounterDelta kills;

  /**
   * Makes a source.
   *
   * @param interval how often to look, in nanoseconds
   */
  OomControlSource(long interval) {
    this.interval = interval;
  }

  @Override
  void open(CgroupDirectory group) {
    file = own(EventFile.open(group, FILE));
    kills = new CounterDelta(oomKills());
    eventfd = own(FileCalls.eventfd());
    EventControl.register(group, eventfd, file, "");
  }

  /** 0 before Linux 4.13, which does not count them. */
  private long oomKills() {
    return FlatKeyed.value(file.text(), "oom_kill").orElse(0);
  }

  @Override
  long patience() {
    return PATIENCE;
  }

  @Override
  void begin(Mailbox out) {
    await(eventfd.number(), false, out);
    poll(interval, out);
  }

  @Override
  void look(Mailbox out) {
    long signals = EventControl.take(eventfd);
    long newKills = kills.to(oomKills()); // ENODEV: the signal was that of the group's removal
    if (signals > 0) {
      out.put(new CgroupEvent.Oom(signals));
    }
    if (newKills > 0) {
      out.put(new CgroupEvent.OomKill(newKills, kills.known()));
    }
  }
}
