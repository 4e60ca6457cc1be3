package dev.belljar.cgroups.hierarchy;

import dev.belljar.cgroups.tree.Words;
import dev.belljar.linux.BytePath;
import dev.belljar.linux.Descriptor;
import dev.belljar.linux.LinuxException;
import dev.belljar.linux.MountInfo;
import dev.belljar.linux.call.FileCalls;
import dev.belljar.linux.call.OpenFlags;
import dev.belljar.linux.syscall.Syscall;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/**
 * Finds the hierarchies from the texts of {@code /proc/self/mountinfo} and {@code
 * /proc/self/cgroup}.
 */
final class LayoutParser {
  private LayoutParser() {}

  /**
   * Finds the hierarchies.
   *
   * @param mountInfo the bytes of mountinfo
   * @param cgroup the bytes of /proc/self/cgroup
   * @param controllers reads {@code cgroup.controllers} of a mount point of version 2
   * @return the layout
   */
  static CgroupLayout parse(
      byte[] mountInfo, byte[] cgroup, Function<BytePath, String> controllers) {
    List<MountInfo> mounts = MountInfo.parse(mountInfo);
    List<MountInfo> visible =
        mounts.stream().filter(LayoutParser::isCgroup).filter(m -> !isHidden(m, mounts)).toList();
    List<Hierarchy> hierarchies = new ArrayList<>();
    for (Membership membership : Membership.parse(cgroup)) {
      List<HierarchyMount> places = places(membership, visible);
      if (!places.isEmpty()) {
        hierarchies.add(hierarchy(membership, places, controllers));
      }
    }
    hierarchies.sort((a, b) -> b.version().compareTo(a.version())); // stable
    return new CgroupLayout(hierarchies);
  }

  /** Reads which controllers a group of version 2 may use; none when the file cannot be read. */
  static String readControllers(BytePath group) {
    byte[] path = group.resolve("cgroup.controllers").bytes();
    try (Descriptor file = FileCalls.open(Syscall.AT_FDCWD, path, OpenFlags.O_RDONLY, 0)) {
      return new String(FileCalls.readAll(file.number()), StandardCharsets.UTF_8);
    } catch (LinuxException unreadable) {
      return "";
    }
  }

  private static Hierarchy hierarchy(
      Membership membership, List<HierarchyMount> places, Function<BytePath, String> controllers) {
    BytePath mountPoint = places.getFirst().point();
    Set<Subsystem> subsystems =
        membership.isV2()
            ? Subsystem.allNamed(CgroupVersion.V2, Words.of(controllers.apply(mountPoint)))
            : Subsystem.allNamed(CgroupVersion.V1, membership.controllers());
    return new Hierarchy(
        membership.id(),
        membership.isV2() ? CgroupVersion.V2 : CgroupVersion.V1,
        membership.name(),
        subsystems,
        places,
        places.getFirst().find(membership.path()));
  }

  private static boolean isCgroup(MountInfo mount) {
    return mount.type().equals("cgroup") || mount.type().equals("cgroup2");
  }

  // The widest writable view in which the JVM's own group can be seen is the most useful one.
  private static List<HierarchyMount> places(Membership membership, List<MountInfo> mounts) {
    return mounts.stream()
        .filter(membership::isIn)
        .map(LayoutParser::place)
        .sorted(Comparator.comparingInt(place -> -rank(membership, place))) // stable
        .toList();
  }

  private static HierarchyMount place(MountInfo mount) {
    boolean readOnly = mount.hasOption("ro") || mount.hasSuperOption("ro");
    return new HierarchyMount(mount.mountPoint(), mount.root(), !readOnly);
  }

  private static int rank(Membership membership, HierarchyMount place) {
    int holdsOwn = place.find(membership.path()).isPresent() ? 1 << 20 : 0;
    int writable = place.isWritable() ? 1 << 19 : 0;
    return holdsOwn + writable - place.root().components().size();
  }

  /**
   * Tells whether the way to a mount leads elsewhere: another mount lies on its own mount point, or
   * on one that it sits on, over where the next begins.
   */
  private static boolean isHidden(MountInfo mount, List<MountInfo> mounts) {
    if (covers(mounts, mount.id(), mount)) {
      return true;
    }
    Map<Integer, MountInfo> byId = new HashMap<>();
    mounts.forEach(each -> byId.put(each.id(), each));
    Set<MountInfo> line = new HashSet<>();
    for (MountInfo at = mount; at != null && line.add(at); at = byId.get(at.parentId())) {
      if (covers(mounts, at.parentId(), at)) {
        return true;
      }
    }
    return false;
  }

  // The kernel puts a mount on what is seen at its place, so one beside it there came later.
  private static boolean covers(List<MountInfo> mounts, int below, MountInfo covered) {
    return mounts.stream()
        .filter(other -> other.parentId() == below && !other.equals(covered))
        .anyMatch(other -> covered.mountPoint().startsWith(other.mountPoint()));
  }
}
