package dev.belljar.cgroups.hierarchy;

import dev.belljar.cgroups.tree.Names;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * A control file that a group has.
 *
 * @param name its name, such as {@code memory.max}
 * @param subsystem the subsystem that its name begins with; empty for {@code cgroup.*} and the
 *     like, and for one this library does not know
 * @param isCore whether every group has it, whatever its subsystems: {@code tasks}, {@code
 *     cgroup.procs}, on version 2 also {@code cpu.stat} and the pressure files
 * @param isReadable whether its permissions let anyone read it
 * @param isWritable whether its permissions let its owner write it
 */
public record ControlFile(
    String name,
    Optional<Subsystem> subsystem,
    boolean isCore,
    boolean isReadable,
    boolean isWritable) {
  private static final int READ = 0444;
  private static final int WRITE = 0222;
  private static final Set<String> CORE_V1 = Set.of("tasks", "notify_on_release", "release_agent");
  private static final Set<String> CORE_V2 =
      Set.of(
          "cpu.stat",
          "cpu.stat.local",
          "cpu.pressure",
          "io.pressure",
          "irq.pressure",
          "memory.pressure");

  /** Makes a description. */
  public ControlFile {
    Names.checkFile(name);
    Objects.requireNonNull(subsystem, "subsystem");
  }

  /** Describes a file from its name and mode. */
  static ControlFile of(CgroupVersion version, String name, int mode) {
    int dot = name.indexOf('.');
    String prefix = dot < 0 ? "" : name.substring(0, dot);
    Set<String> core = version == CgroupVersion.V1 ? CORE_V1 : CORE_V2;
    return new ControlFile(
        name,
        Subsystem.named(version, prefix),
        prefix.equals("cgroup") || core.contains(name),
        (mode & READ) != 0,
        (mode & WRITE) != 0);
  }
}
