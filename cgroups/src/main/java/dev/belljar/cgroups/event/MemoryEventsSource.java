package dev.belljar.cgroups.event;

import dev.belljar.cgroups.hierarchy.CgroupDirectory;
import dev.belljar.cgroups.tree.FlatKeyed;
import java.util.Map;

/**
 * {@code memory.events} of version 2, which tells of the groups below too. It is looked at now and
 * then besides, since nobody is woken up when the controller is taken from the group.
 */
final class MemoryEventsSource extends Source {
  static final String FILE = "memory.events";

  private final boolean oom;
  private final boolean limits;
  private final long interval;
  private EventFile file;
  private CounterDelta oomCount;
  private CounterDelta kills;
  private CounterDelta high;
  private CounterDelta max;

  MemoryEventsSource(boolean oom, boolean limits, long interval) {
    this.oom = oom;
    this.limits = limits;
    this.interval = interval;
  }

  @Override
  void open(CgroupDirectory group) {
    file = own(EventFile.open(group, FILE));
    Map<String, Long> now = FlatKeyed.parse(file.text());
    oomCount = new CounterDelta(value(now, "oom"));
    kills = new CounterDelta(value(now, "oom_kill"));
    high = new CounterDelta(value(now, "high"));
    max = new CounterDelta(value(now, "max"));
  }

  private static long value(Map<String, Long> values, String key) {
    return values.getOrDefault(key, 0L);
  }

  @Override
  void begin(Mailbox out) {
    await(file.fd(), true, out);
    poll(interval, out);
  }

  @Override
  void look(Mailbox out) {
    Map<String, Long> now = FlatKeyed.parse(file.text());
    long newOom = oomCount.to(value(now, "oom"));
    long newKills = kills.to(value(now, "oom_kill"));
    long newHigh = high.to(value(now, "high"));
    long newMax = max.to(value(now, "max"));
    if (oom && newOom > 0) {
      out.put(new CgroupEvent.Oom(newOom));
    }
    if (oom && newKills > 0) {
      out.put(new CgroupEvent.OomKill(newKills, kills.known()));
    }
    if (limits && newHigh > 0) {
      out.put(new CgroupEvent.MemoryHigh(newHigh));
    }
    if (limits && newMax > 0) {
      out.put(new CgroupEvent.MemoryMax(newMax));
    }
  }
}
