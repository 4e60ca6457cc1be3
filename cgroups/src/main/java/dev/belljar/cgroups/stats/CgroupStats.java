package dev.belljar.cgroups.stats;

import dev.belljar.cgroups.controller.Pressure;
import dev.belljar.cgroups.hierarchy.CgroupDirectory;
import dev.belljar.linux.DeviceNumber;
import dev.belljar.linux.LinuxException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * Everything that the kernel counts for a group, read at one time. What it does not count is empty,
 * never 0.
 *
 * {@snippet :
 * CgroupStats stats = group.stats();
 * stats.cpu().flatMap(CpuStats::total).ifPresent(System.out::println);
 * stats.memory().map(memory -> memory.counters().get("pgmajfault")).ifPresent(System.out::println);
 * }
 *
 * <p>To read the frequent numbers many times a second there is {@link CgroupSampler}.
 *
 * @param cpu processor time; empty when nothing of it is counted
 * @param memory empty when the group is in no hierarchy with the memory controller
 * @param io by block device, those that count; empty without the controller too
 * @param pids empty when the group is in no hierarchy with the pids controller, or is a root
 * @param hugetlb by page size, such as {@code 2MB}
 * @param rdma {@code rdma.current} by device
 * @param misc {@code misc.current} by resource
 * @param dmem {@code dmem.current} by region of a device's memory, in bytes
 * @param cpuPressure {@code cpu.pressure}; empty without a tree of version 2, or without PSI
 * @param memoryPressure {@code memory.pressure}
 * @param ioPressure {@code io.pressure}
 * @param irqPressure {@code irq.pressure}; empty before Linux 6.1, or without its kernel option
 */
public record CgroupStats(
    Optional<CpuStats> cpu,
    Optional<MemoryStats> memory,
    Map<DeviceNumber, IoStats> io,
    Optional<PidsStats> pids,
    Map<String, HugetlbStats> hugetlb,
    Map<String, Map<String, Long>> rdma,
    Map<String, Long> misc,
    Map<String, Long> dmem,
    Optional<Pressure> cpuPressure,
    Optional<Pressure> memoryPressure,
    Optional<Pressure> ioPressure,
    Optional<Pressure> irqPressure) {
  /** Makes a reading. */
  public CgroupStats {
    Objects.requireNonNull(cpu, "cpu");
    Objects.requireNonNull(memory, "memory");
    Objects.requireNonNull(pids, "pids");
    io = Maps.copy(io);
    hugetlb = Maps.copy(hugetlb);
    rdma = Maps.copy(rdma);
    misc = Maps.copy(misc);
    dmem = Maps.copy(dmem);
  }

  /**
   * Reads a group.
   *
   * @param groups the group in each of its hierarchies; of two that have the same file, version 1
   *     comes first
   * @return the reading
   * @throws LinuxException when the kernel refuses: ENODEV when the group is gone
   */
  public static CgroupStats read(List<CgroupDirectory> groups) {
    GroupFiles files = new GroupFiles(groups);
    files.requireAlive();
    return new CgroupStats(
        CpuReading.read(files),
        MemoryReading.read(files),
        IoReading.read(files),
        OtherReading.pids(files),
        OtherReading.hugetlb(files),
        files.nested("rdma.current"),
        files.counters("misc.current").orElse(Map.of()),
        files.counters("dmem.current").orElse(Map.of()),
        files.pressure("cpu.pressure"),
        files.pressure("memory.pressure"),
        files.pressure("io.pressure"),
        files.pressure("irq.pressure"));
  }
}
