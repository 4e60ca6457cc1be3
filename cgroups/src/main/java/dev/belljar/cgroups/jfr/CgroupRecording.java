package dev.belljar.cgroups.jfr;

import dev.belljar.cgroups.event.CgroupEvent;
import dev.belljar.cgroups.event.CgroupEvents;
import dev.belljar.cgroups.event.CgroupSubscription;
import dev.belljar.cgroups.hierarchy.CgroupDirectory;
import dev.belljar.cgroups.hierarchy.Hierarchy;
import dev.belljar.cgroups.stats.CgroupSampler;
import dev.belljar.cgroups.stats.CgroupSnapshot;
import dev.belljar.cgroups.stats.DeviceCounters;
import dev.belljar.cgroups.tree.FlatKeyed;
import dev.belljar.linux.BytePath;
import dev.belljar.linux.LinuxException;
import dev.belljar.linux.call.Closing;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.IntToLongFunction;

/** A group that shows in flight recordings, until it is closed. */
public final class CgroupRecording implements AutoCloseable {
  private static final List<String> KILL_COUNTERS = List.of("memory.events", "memory.oom_control");

  private final String name;
  private final Map<Hierarchy, BytePath> places;
  private final CgroupSnapshot snapshot = new CgroupSnapshot();
  private Optional<CgroupSampler> sampler = Optional.empty();
  private Optional<CgroupSubscription> subscription = Optional.empty();
  private long toldKills;
  private boolean closed;

  private CgroupRecording(String name, Map<Hierarchy, BytePath> places) {
    this.name = name;
    this.places = Map.copyOf(places);
  }

  /**
   * Lets a group show in flight recordings, those that run and those that will be started.
   *
   * @param name what it is called there
   * @param places where the group is in each of its hierarchies
   * @return what ends it, to be closed before the group is removed: then the last kills are told
   */
  public static CgroupRecording watch(String name, Map<Hierarchy, BytePath> places) {
    CgroupRecording made = new CgroupRecording(name, places);
    FlightRecording.add(made);
    return made;
  }

  /** Emits the periodic event; runs on the flight recorder's own thread. */
  synchronized void emitStatistics() {
    if (closed) {
      return;
    }
    try {
      if (sampler.isEmpty()) {
        sampler = Optional.of(openSampler());
      }
      sampler.get().sample(snapshot);
    } catch (LinuxException gone) {
      endStatistics(); // tried again next time; a group that was removed is closed soon
      return;
    }
    CgroupStatisticsEvent event = new CgroupStatisticsEvent();
    event.cgroup = name;
    event.cpuTime = orAbsent(snapshot.cpuUsage());
    event.throttledTime = orAbsent(snapshot.cpuThrottledTime());
    event.throttledPeriods = orAbsent(snapshot.cpuThrottledPeriods());
    event.memoryUsage = orAbsent(snapshot.memoryUsage());
    event.pageCache = memory("total_cache", "file");
    event.majorPageFaults = memory("total_pgmajfault", "pgmajfault");
    event.pids = orAbsent(snapshot.pids());
    DeviceCounters io = snapshot.io();
    event.bytesRead = sum(io.size(), io::bytesRead);
    event.bytesWritten = sum(io.size(), io::bytesWritten);
    event.commit();
  }

  private static long orAbsent(long number) {
    return number == CgroupSnapshot.ABSENT ? CgroupStatisticsEvent.ABSENT : number;
  }

  private long memory(String v1, String v2) {
    long number = snapshot.memoryStat().get(v1);
    return orAbsent(number == CgroupSnapshot.ABSENT ? snapshot.memoryStat().get(v2) : number);
  }

  private static long sum(int count, IntToLongFunction number) {
    long sum = CgroupStatisticsEvent.ABSENT;
    for (int i = 0; i < count; i++) {
      long one = number.applyAsLong(i);
      if (one != CgroupSnapshot.ABSENT) {
        sum = Math.max(sum, 0) + one;
      }
    }
    return sum;
  }

  private CgroupSampler openSampler() {
    List<CgroupDirectory> groups = new ArrayList<>();
    try {
      places.forEach((hierarchy, path) -> groups.add(CgroupDirectory.open(hierarchy, path)));
      return CgroupSampler.open(groups);
    } finally {
      Closing.all(groups);
    }
  }

  synchronized void endStatistics() {
    sampler.ifPresent(CgroupSampler::close);
    sampler = Optional.empty();
  }

  /** Begins or ends telling of kills. */
  synchronized void tellKills(boolean wanted) {
    if (closed || wanted == subscription.isPresent()) {
      return;
    }
    if (wanted) {
      beginKills();
    } else {
      endKills();
    }
  }

  private void beginKills() {
    try {
      OptionalLong kills = kills();
      if (kills.isPresent()) {
        toldKills = kills.getAsLong();
        subscription = Optional.of(CgroupEvents.at(places).oom().listen(this::told));
      }
    } catch (LinuxException | UnsupportedOperationException gone) {
      endKills();
    }
  }

  private void endKills() {
    subscription.ifPresent(CgroupSubscription::close);
    subscription = Optional.empty();
  }

  private void told(CgroupEvent event) {
    if (event instanceof CgroupEvent.OomKill kill) {
      killed(kill.total());
    }
  }

  /**
   * Emits an event for each kill that none was emitted for, as the kernel may tell several at once.
   */
  private synchronized void killed(long total) {
    while (toldKills < total) {
      toldKills++;
      CgroupOomKillEvent event = new CgroupOomKillEvent();
      event.cgroup = name;
      event.number = toldKills;
      event.commit();
    }
  }

  /** Reads how many processes were killed; empty without the memory controller. */
  private OptionalLong kills() {
    for (Map.Entry<Hierarchy, BytePath> place : places.entrySet()) {
      try (CgroupDirectory group = CgroupDirectory.open(place.getKey(), place.getValue())) {
        for (String file : KILL_COUNTERS) {
          if (group.has(file)) {
            return FlatKeyed.value(group.read(file), "oom_kill");
          }
        }
      }
    }
    return OptionalLong.empty();
  }

  /** Ends it; processes that were killed just before are told still. */
  @Override
  public synchronized void close() {
    if (closed) {
      return;
    }
    FlightRecording.remove(this);
    if (subscription.isPresent()) {
      try {
        kills().ifPresent(this::killed);
      } catch (LinuxException gone) {
        // removed already: what was not told cannot be known any more
      }
    }
    closed = true;
    endStatistics();
    endKills();
  }
}
