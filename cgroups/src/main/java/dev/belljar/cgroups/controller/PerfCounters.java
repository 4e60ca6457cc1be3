package dev.belljar.cgroups.controller;

import dev.belljar.cgroups.hierarchy.CgroupDirectory;
import dev.belljar.linux.Descriptor;
import dev.belljar.linux.Errno;
import dev.belljar.linux.LinuxException;
import dev.belljar.linux.call.Closing;
import dev.belljar.linux.call.FileCalls;
import dev.belljar.linux.call.PerfCalls;
import dev.belljar.linux.syscall.Syscall;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Performance counters of a group and the groups below it: what perf_event is for. It has no files;
 * on version 2 it is on whatever is enabled, unless the machine has it mounted on version 1.
 *
 * <p>Each event takes a descriptor for each processor that is online when they are opened.
 *
 * {@snippet :
 * try (PerfCounters counters = PerfCounters.open(group, Set.of(PerfEvent.TASK_CLOCK))) {
 *   PerfCount time = counters.read().get(PerfEvent.TASK_CLOCK);
 * }
 * }
 *
 * @see <a
 *     href="https://man7.org/linux/man-pages/man2/perf_event_open.2.html">perf_event_open(2)</a>
 */
public final class PerfCounters implements AutoCloseable {
  private static final String ONLINE = "/sys/devices/system/cpu/online";

  private final Map<PerfEvent, List<Descriptor>> counters;

  private PerfCounters(Map<PerfEvent, List<Descriptor>> counters) {
    this.counters = counters;
  }

  /**
   * Starts to count.
   *
   * @param group the group, in the hierarchy that perf_event is on
   * @param events what to count
   * @return the counters, which must be closed
   * @throws UnsupportedOperationException when the machine has no counter for an event
   * @throws LinuxException EACCES or EPERM without CAP_PERFMON (root has it), ENOENT when
   *     perf_event is on another hierarchy
   */
  public static PerfCounters open(CgroupDirectory group, Collection<PerfEvent> events) {
    Map<PerfEvent, List<Descriptor>> counters = new EnumMap<>(PerfEvent.class);
    try {
      Set<Integer> cpus = onlineCpus();
      for (PerfEvent event : EnumSet.copyOf(events)) {
        List<Descriptor> perCpu = new ArrayList<>();
        counters.put(event, perCpu);
        for (int cpu : cpus) {
          perCpu.add(open(group, event, cpu));
        }
      }
      return new PerfCounters(counters);
    } catch (RuntimeException | Error e) {
      Closing.after(e, descriptors(counters));
      throw e;
    }
  }

  private static Set<Integer> onlineCpus() {
    byte[] list = FileCalls.readFile(Syscall.AT_FDCWD, ONLINE);
    return CpuSet.parse(new String(list, StandardCharsets.US_ASCII)).cpus();
  }

  private static Descriptor open(CgroupDirectory group, PerfEvent event, int cpu) {
    try {
      return PerfCalls.openOfGroup(event.type(), event.config(), group.directory().number(), cpu);
    } catch (LinuxException e) {
      if (event.isHardware() && isMissing(e) && counts(group, cpu)) {
        throw new UnsupportedOperationException(
            "this machine has no counter for %s: its processor or its virtual machine gives none"
                .formatted(event),
            e);
      }
      throw explained(e).doing("counting " + event + " of " + group);
    }
  }

  private static boolean isMissing(LinuxException e) {
    return e.is(Errno.ENOENT) || e.is(Errno.EOPNOTSUPP) || e.is(Errno.ENODEV);
  }

  /** ENOENT is also said of a group without perf_event; what the kernel counts itself tells. */
  private static boolean counts(CgroupDirectory group, int cpu) {
    PerfEvent clock = PerfEvent.TASK_CLOCK;
    int directory = group.directory().number();
    try (Descriptor counter = PerfCalls.openOfGroup(clock.type(), clock.config(), directory, cpu)) {
      return counter.number() >= 0;
    } catch (LinuxException e) {
      return false;
    }
  }

  private static LinuxException explained(LinuxException e) {
    if (e.is(Errno.EACCES) || e.is(Errno.EPERM)) {
      return e.withRemedy(
          "counting a group needs CAP_PERFMON, or kernel.perf_event_paranoid of 0 or less");
    }
    if (e.is(Errno.EBADF) || e.is(Errno.ENOENT)) {
      return e.withRemedy("give the group in the hierarchy that perf_event is on");
    }
    return e;
  }

  /**
   * Reads all counters.
   *
   * @return what was counted since they were opened, all processors together
   * @throws LinuxException when the kernel refuses
   */
  public Map<PerfEvent, PerfCount> read() {
    Map<PerfEvent, PerfCount> counts = new EnumMap<>(PerfEvent.class);
    counters.forEach((event, perCpu) -> counts.put(event, sum(perCpu)));
    return counts;
  }

  private static PerfCount sum(List<Descriptor> perCpu) {
    long value = 0;
    long enabled = 0;
    long running = 0;
    for (Descriptor counter : perCpu) {
      PerfCalls.Count count = PerfCalls.read(counter.number());
      value += count.value();
      enabled += count.enabled();
      running += count.running();
    }
    return new PerfCount(value, Duration.ofNanos(enabled), Duration.ofNanos(running));
  }

  private static Descriptor[] descriptors(Map<PerfEvent, List<Descriptor>> counters) {
    return counters.values().stream().flatMap(List::stream).toArray(Descriptor[]::new);
  }

  /** Stops to count. */
  @Override
  public void close() {
    Closing.all(List.of(descriptors(counters)));
  }
}
