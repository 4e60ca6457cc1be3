package dev.belljar.cgroups.stats;

import dev.belljar.cgroups.hierarchy.CgroupDirectory;
import dev.belljar.cgroups.hierarchy.CgroupVersion;
import dev.belljar.linux.Errno;
import dev.belljar.linux.LinuxException;
import dev.belljar.linux.call.Closing;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Reads the frequent numbers of a group again and again, at little more than the kernel's own cost
 * and without making garbage.
 *
 * {@snippet :
 * try (CgroupSampler sampler = group.sampler()) {
 *   CgroupSnapshot now = new CgroupSnapshot();
 *   while (sampling) {
 *     sampler.sample(now);
 *     plot(now.takenAt(), now.cpuUsage(), now.memoryUsage(), now.memoryStat().get("pgmajfault"));
 *   }
 * }
 * }
 *
 * <p>It keeps open, as far as the group has them: {@code cpu.stat}, {@code cpuacct.usage}, {@code
 * memory.usage_in_bytes} ({@code memory.current} on version 2), {@code memory.stat}, {@code
 * pids.current}, {@code blkio.throttle.io_service_bytes} ({@code io.stat}); and {@code
 * blkio.bfq.io_service_bytes} where that counts when it is opened. Every key in them is read.
 *
 * <p>Safe for use by several threads, each with a snapshot of its own; they take turns.
 */
public final class CgroupSampler implements AutoCloseable {
  private final Optional<StatFile> cpuStat;
  private final Optional<StatFile> cpuacctUsage;
  private final Optional<StatFile> memoryUsage;
  private final Optional<StatFile> memoryStat;
  private final Optional<StatFile> pids;
  private final Optional<StatFile> ioStat;
  private final Optional<StatFile> throttled;
  private final Optional<StatFile> bfq;
  private final List<StatFile> open = new ArrayList<>();
  private final List<CgroupDirectory> groups;

  private CgroupSampler(List<CgroupDirectory> groups) {
    this.groups = groups;
    try {
      cpuStat = find("cpu.stat", "cpu.stat");
      cpuacctUsage = find("cpuacct.usage", "");
      memoryUsage = find("memory.usage_in_bytes", "memory.current");
      memoryStat = find("memory.stat", "memory.stat");
      pids = find("pids.current", "pids.current");
      ioStat = find("", "io.stat");
      throttled = find("blkio.throttle.io_service_bytes", "");
      bfq = find("blkio.bfq.io_service_bytes", "").filter(CgroupSampler::hasDevices);
      if (open.isEmpty()) {
        requireAlive();
      }
    } catch (RuntimeException | Error failure) {
      Closing.after(failure, open.toArray(AutoCloseable[]::new));
      throw failure;
    }
  }

  /**
   * Opens the files of a group.
   *
   * @param groups the group in each of its hierarchies; of two that have the same file, version 1
   *     comes first. They may be closed afterwards
   * @return the sampler
   * @throws LinuxException when the kernel refuses: ENODEV when the group is gone
   */
  public static CgroupSampler open(List<CgroupDirectory> groups) {
    return new CgroupSampler(List.copyOf(groups));
  }

  /** An empty name stands for a file that the version does not have. */
  private Optional<StatFile> find(String v1, String v2) {
    Optional<StatFile> found = find(CgroupVersion.V1, v1).or(() -> find(CgroupVersion.V2, v2));
    found.ifPresent(open::add);
    return found;
  }

  private Optional<StatFile> find(CgroupVersion version, String name) {
    return groups.stream()
        .filter(group -> group.version() == version && !name.isEmpty())
        .flatMap(group -> StatFile.find(group, name).stream())
        .findFirst();
  }

  /** No file of a group that is gone is found; ENODEV says it more clearly. */
  private void requireAlive() {
    for (CgroupDirectory group : groups) {
      if (!group.has("cgroup.procs")) {
        throw new LinuxException(
            Errno.ENODEV.number(), "openat", "opening the files of " + group, "the group is gone");
      }
    }
  }

  private static boolean hasDevices(StatFile file) {
    FileText text = FileText.ofThread();
    text.read(file);
    return text.length() > 0 && Character.isDigit(text.bytes()[0]);
  }

  /**
   * Reads all files.
   *
   * @param into takes what was read, in place of what it had
   * @throws LinuxException when the kernel refuses: ENODEV when the group is gone; the snapshot may
   *     be filled in part then
   * @throws IllegalStateException when the sampler is closed
   */
  public synchronized void sample(CgroupSnapshot into) {
    FileText text = FileText.ofThread();
    into.begin(System.nanoTime());
    if (cpuStat.isPresent()) {
      text.read(cpuStat.get());
      into.cpuStat().parse(text.bytes(), text.length());
    }
    if (cpuacctUsage.isPresent()) {
      into.cpuacctUsage(number(text, cpuacctUsage.get()));
    }
    if (memoryUsage.isPresent()) {
      into.memoryUsage(number(text, memoryUsage.get()));
    }
    if (memoryStat.isPresent()) {
      text.read(memoryStat.get());
      into.memoryStat().parse(text.bytes(), text.length());
    }
    if (pids.isPresent()) {
      into.pids(number(text, pids.get()));
    }
    if (ioStat.isPresent()) {
      text.read(ioStat.get());
      into.io().addNested(text.bytes(), text.length());
    }
    if (throttled.isPresent()) {
      text.read(throttled.get());
      into.io().addFlat(text.bytes(), text.length());
    }
    if (bfq.isPresent()) {
      text.read(bfq.get());
      into.io().addFlat(text.bytes(), text.length());
    }
  }

  private static long number(FileText text, StatFile file) {
    text.read(file);
    return Numbers.parse(text.bytes(), 0, text.length());
  }

  /** Closes the files; closing it again does nothing. */
  @Override
  public synchronized void close() {
    Closing.all(open);
  }
}
