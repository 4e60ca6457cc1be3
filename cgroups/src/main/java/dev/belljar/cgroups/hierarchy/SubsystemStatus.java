package dev.belljar.cgroups.hierarchy;

import dev.belljar.cgroups.tree.GroupTree;
import dev.belljar.cgroups.tree.Words;
import dev.belljar.linux.Descriptor;
import dev.belljar.linux.LinuxException;
import dev.belljar.linux.call.FileCalls;
import dev.belljar.linux.syscall.Syscall;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/**
 * What the running kernel makes of a subsystem: whether it has it, and where it is.
 *
 * @param name its name in {@code /proc/cgroups}, such as {@code blkio}
 * @param subsystem the subsystem, empty when this library does not know it (such as {@code debug})
 * @param exists whether the kernel was built with it
 * @param isEnabled false when it exists but was turned off by {@code cgroup_disable=} at boot
 * @param hierarchyId the number of the version 1 hierarchy it is on; 0 when it is on version 2 or
 *     nowhere
 * @param groups the number of groups in its hierarchy, the root included; empty when the kernel
 *     does not list it in {@code /proc/cgroups} (from Linux 6.12 on those built without version 1)
 * @param isOnV2 whether it is a controller of version 2 now: it has files there, and no version 1
 *     hierarchy holds it
 * @param isInUseOnV2 whether the topmost visible group of version 2 has it enabled for its children
 * @see <a href="https://man7.org/linux/man-pages/man7/cgroups.7.html">cgroups(7), /proc/cgroups</a>
 */
public record SubsystemStatus(
    String name,
    Optional<Subsystem> subsystem,
    boolean exists,
    boolean isEnabled,
    int hierarchyId,
    OptionalInt groups,
    boolean isOnV2,
    boolean isInUseOnV2) {
  /** Makes a status. */
  public SubsystemStatus {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(subsystem, "subsystem");
    Objects.requireNonNull(groups, "groups");
  }

  /**
   * Tells whether it could be mounted in a new version 1 hierarchy: it exists, is enabled, on no
   * other, and not in use on version 2.
   *
   * @return true when it could; mounting it takes it away from version 2 on the whole machine
   */
  public boolean isFreeToMount() {
    return exists && isEnabled && groups.isPresent() && hierarchyId == 0 && !isInUseOnV2;
  }

  /**
   * Reads the status of all subsystems that the kernel or this library knows.
   *
   * @return those that this library knows, in the order of {@link Subsystem}, then the others
   * @throws LinuxException when {@code /proc/cgroups} cannot be read
   */
  public static List<SubsystemStatus> readAll() {
    String proc = text(FileCalls.readFile(Syscall.AT_FDCWD, "/proc/cgroups"));
    Optional<Hierarchy> v2 = CgroupLayout.read().v2();
    return parse(
        proc, v2.map(Hierarchy::subsystems), v2.map(SubsystemStatus::inUse).orElse(Set.of()));
  }

  /**
   * Reads the status of one subsystem.
   *
   * @param subsystem the subsystem
   * @return its status
   * @throws LinuxException when {@code /proc/cgroups} cannot be read
   */
  public static SubsystemStatus read(Subsystem subsystem) {
    return readAll().get(subsystem.ordinal());
  }

  private static Set<Subsystem> inUse(Hierarchy v2) {
    try (Descriptor top = GroupTree.open(Syscall.AT_FDCWD, v2.mountPoint().bytes())) {
      String names = text(FileCalls.readFile(top.number(), "cgroup.subtree_control"));
      return Subsystem.allNamed(CgroupVersion.V2, Words.of(names));
    }
  }

  private static String text(byte[] file) {
    return new String(file, StandardCharsets.UTF_8);
  }

  /**
   * Parses {@code /proc/cgroups}.
   *
   * @param file its contents
   * @param v2 the controllers of version 2; empty when it is not mounted
   * @param inUse those of them that groups use
   */
  static List<SubsystemStatus> parse(
      String file, Optional<Set<Subsystem>> v2, Set<Subsystem> inUse) {
    Map<String, List<String>> lines = new LinkedHashMap<>();
    file.lines()
        .filter(line -> !line.startsWith("#"))
        .map(Words::of)
        .filter(words -> words.size() == 4)
        .forEach(words -> lines.put(words.getFirst(), words));
    List<SubsystemStatus> all = new ArrayList<>();
    for (Subsystem subsystem : Subsystem.values()) {
      List<String> line = lines.remove(subsystem.v1Name());
      boolean listed = v2.map(names -> names.contains(subsystem)).orElse(false);
      boolean used = inUse.contains(subsystem);
      if (line == null) {
        all.add(
            new SubsystemStatus(
                subsystem.v1Name(),
                Optional.of(subsystem),
                listed,
                listed,
                0,
                OptionalInt.empty(),
                listed,
                used));
      } else {
        all.add(of(line, Optional.of(subsystem), v2.isPresent(), used));
      }
    }
    lines.values().forEach(line -> all.add(of(line, Optional.empty(), false, false)));
    return List.copyOf(all);
  }

  // A controller is on version 2 even where the topmost visible group was not given it, and
  // perf_event is never listed there, being always on.
  private static SubsystemStatus of(
      List<String> line, Optional<Subsystem> subsystem, boolean v2Mounted, boolean used) {
    int hierarchy = Integer.parseInt(line.get(1));
    boolean enabled = line.get(3).equals("1");
    boolean hasV2Files = subsystem.flatMap(Subsystem::v2Name).isPresent();
    return new SubsystemStatus(
        line.getFirst(),
        subsystem,
        true,
        enabled,
        hierarchy,
        OptionalInt.of(Integer.parseInt(line.get(2))),
        v2Mounted && enabled && hierarchy == 0 && hasV2Files,
        used);
  }
}
