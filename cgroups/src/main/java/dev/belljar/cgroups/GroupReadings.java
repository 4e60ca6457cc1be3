package dev.belljar.cgroups;

import dev.belljar.cgroups.controller.CpuQuota;
import dev.belljar.cgroups.controller.CpuShares;
import dev.belljar.cgroups.controller.Limit;
import dev.belljar.cgroups.event.CgroupEvents;
import dev.belljar.cgroups.hierarchy.CgroupDirectory;
import dev.belljar.cgroups.hierarchy.Hierarchy;
import dev.belljar.cgroups.hierarchy.Subsystem;
import dev.belljar.cgroups.stats.CgroupSampler;
import dev.belljar.cgroups.stats.CgroupStats;
import dev.belljar.cgroups.tree.Names;
import dev.belljar.linux.BytePath;
import dev.belljar.linux.LinuxException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/** What a group says of its limits and what it uses, in whatever hierarchy that is. */
abstract sealed class GroupReadings permits Cgroup {
  private final List<GroupDirectory> groups;

  GroupReadings(List<GroupDirectory> groups) {
    this.groups = List.copyOf(groups);
  }

  final Optional<GroupDirectory> with(Subsystem subsystem) {
    return groups.stream().filter(group -> group.hasFilesOf(subsystem)).findFirst();
  }

  /**
   * Reads a control file.
   *
   * <p>The name tells in which hierarchy: that of the subsystem before its first dot, or else the
   * first of {@link Cgroup#hierarchies}.
   *
   * @param file the file's name, such as {@code cpu.shares} or {@code memory.max}
   * @return its contents, without the newline at the end
   * @throws IllegalArgumentException when the name is not a file name
   * @throws LinuxException ENOENT when there is no such file
   */
  public String read(String file) {
    Names.checkFile(file);
    String prefix = file.substring(0, Math.max(0, file.indexOf('.')));
    return groups.stream()
        .filter(group ->
            Subsystem.named(group.version(), prefix).filter(group.hierarchy()::has).isPresent())
        .findFirst()
        .orElse(groups.getFirst())
        .read(file);
  }

  private List<CgroupDirectory> directories() {
    return groups.stream().map(GroupDirectory::handle).toList();
  }

  /**
   * Reads everything that the kernel counts for it.
   *
   * @return the reading
   * @throws IllegalStateException when it has been removed
   * @throws LinuxException when the kernel refuses
   */
  public CgroupStats stats() {
    return CgroupStats.read(directories());
  }

  /**
   * Opens what reads its frequent numbers again and again at the least cost.
   *
   * @return the sampler, to be closed
   * @throws IllegalStateException when it has been removed
   * @throws LinuxException when the kernel refuses
   */
  public CgroupSampler sampler() {
    return CgroupSampler.open(directories());
  }

  /**
   * Returns what can be told of it as it happens, to choose from.
   *
   * @return nothing chosen yet
   */
  public CgroupEvents events() {
    return CgroupEvents.at(places());
  }

  final Map<Hierarchy, BytePath> places() {
    Map<Hierarchy, BytePath> places = new LinkedHashMap<>();
    groups.forEach(group -> places.put(group.hierarchy(), group.path()));
    return places;
  }

  /**
   * Returns its CPU shares; on version 2 the smallest that {@link CpuShares} turns into its weight.
   *
   * @return 2 to 262144; empty when it is in no hierarchy with the cpu controller
   * @throws LinuxException when the kernel refuses
   */
  public OptionalLong cpuShares() {
    return with(Subsystem.CPU)
        .map(group -> OptionalLong.of(CpuController.shares(group)))
        .orElse(OptionalLong.empty());
  }

  /**
   * Returns its CPU weight; on version 1 the one that {@link CpuShares} makes of its shares.
   *
   * @return 1 to 10000; empty when it is in no hierarchy with the cpu controller
   * @throws LinuxException when the kernel refuses
   */
  public OptionalLong cpuWeight() {
    return with(Subsystem.CPU)
        .map(group -> OptionalLong.of(CpuController.weight(group)))
        .orElse(OptionalLong.empty());
  }

  /**
   * Returns its CPU quota.
   *
   * @return the quota; empty when it has none, or is in no hierarchy with the cpu controller
   * @throws LinuxException when the kernel refuses
   */
  public Optional<CpuQuota> cpuQuota() {
    return with(Subsystem.CPU).flatMap(CpuController::quota);
  }

  /**
   * Returns its memory limit.
   *
   * @return bytes, a multiple of the page size; empty when it is in no hierarchy with the memory
   *     controller
   * @throws LinuxException when the kernel refuses
   */
  public Optional<Limit> memoryLimit() {
    return with(Subsystem.MEMORY).map(MemoryController::limit);
  }

  /**
   * Returns how much memory its processes use, page cache included.
   *
   * @return bytes; empty when it is in no hierarchy with the memory controller
   * @throws LinuxException when the kernel refuses
   */
  public OptionalLong memoryUsage() {
    return with(Subsystem.MEMORY)
        .map(group -> OptionalLong.of(MemoryController.usage(group)))
        .orElse(OptionalLong.empty());
  }

  /**
   * Returns how many of its processes the kernel has killed for lack of memory.
   *
   * @return the number; empty when it is in no hierarchy with the memory controller
   * @throws LinuxException when the kernel refuses
   */
  public OptionalLong oomKilled() {
    return with(Subsystem.MEMORY).map(MemoryController::oomKills).orElse(OptionalLong.empty());
  }

  /**
   * Returns how many processes and threads it may have.
   *
   * @return the number; empty when it is in no hierarchy with the pids controller
   * @throws LinuxException when the kernel refuses
   */
  public Optional<Limit> pidsLimit() {
    return with(Subsystem.PIDS).map(PidsController::limit);
  }

  /**
   * Returns how many processes and threads it has.
   *
   * @return the number; empty when it is in no hierarchy with the pids controller
   * @throws LinuxException when the kernel refuses
   */
  public OptionalLong pidsCurrent() {
    return with(Subsystem.PIDS)
        .map(group -> OptionalLong.of(PidsController.current(group)))
        .orElse(OptionalLong.empty());
  }
}
