package dev.belljar.cgroups.hierarchy;

import dev.belljar.cgroups.tree.Words;
import dev.belljar.linux.BytePath;
import dev.belljar.linux.Descriptor;
import dev.belljar.linux.LinuxException;
import dev.belljar.linux.MountInfo;
import dev.belljar.linux.call.FileCalls;
import dev.belljar.linux.call.OpenFlags;
import dev.belljar.linux.syscall.Syscall;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/**
 * Finds the hierarchies from the texts of {@code /proc/self/mountinfo} and {@code
 * /proc/self/cgroup}.
 */
final class LayoutParser {
  private static final String NAMED = "name=";

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
      bestMount(membership, visible)
          .ifPresent(mount -> hierarchies.add(hierarchy(membership, mount, controllers)));
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
      Membership membership, MountInfo mount, Function<BytePath, String> controllers) {
    Set<Subsystem> subsystems =
        membership.isV2()
            ? Subsystem.allNamed(CgroupVersion.V2, Words.of(controllers.apply(mount.mountPoint())))
            : Subsystem.allNamed(CgroupVersion.V1, membership.controllers());
    String name =
        membership.controllers().stream()
            .filter(each -> each.startsWith(NAMED))
            .map(each -> each.substring(NAMED.length()))
            .findFirst()
            .orElse("");
    return new Hierarchy(
        membership.isV2() ? CgroupVersion.V2 : CgroupVersion.V1,
        name,
        subsystems,
        mount.mountPoint(),
        below(membership.path(), mount));
  }

  private static boolean isCgroup(MountInfo mount) {
    return mount.type().equals("cgroup") || mount.type().equals("cgroup2");
  }

  // The widest writable view in which the JVM's own group can be seen is the most useful one.
  private static Optional<MountInfo> bestMount(Membership membership, List<MountInfo> mounts) {
    MountInfo best = null;
    for (MountInfo mount : mounts) {
      if (membership.isIn(mount)
          && (best == null || rank(membership, mount) > rank(membership, best))) {
        best = mount;
      }
    }
    return Optional.ofNullable(best);
  }

  private static int rank(Membership membership, MountInfo mount) {
    int holdsOwn = below(membership.path(), mount).isPresent() ? 1 << 20 : 0;
    int writable = mount.hasOption("ro") || mount.hasSuperOption("ro") ? 0 : 1 << 19;
    return holdsOwn + writable - mount.root().components().size();
  }

  /** Where a group is found in a mount that may show only a part of the tree. */
  private static Optional<BytePath> below(BytePath group, MountInfo mount) {
    List<BytePath> names = group.components();
    BytePath up = BytePath.of("..");
    if (!group.startsWith(mount.root()) || names.contains(up)) {
      return Optional.empty(); // with "..", it lies outside the reader's cgroup namespace
    }
    BytePath path = mount.mountPoint();
    for (BytePath name : names.subList(mount.root().components().size(), names.size())) {
      path = path.resolve(name);
    }
    return Optional.of(path);
  }

  /** Tells whether another mount lies on this one's mount point or on a directory above it. */
  private static boolean isHidden(MountInfo mount, List<MountInfo> mounts) {
    Map<Integer, MountInfo> byId = new HashMap<>();
    mounts.forEach(each -> byId.put(each.id(), each));
    List<MountInfo> line = new ArrayList<>(); // the mount and what it sits on
    MountInfo at = mount;
    while (at != null && !line.contains(at)) {
      line.add(at);
      at = byId.get(at.parentId());
    }
    return mounts.stream()
        .anyMatch(
            other -> !line.contains(other) && mount.mountPoint().startsWith(other.mountPoint()));
  }

  /**
   * A line of {@code /proc/<pid>/cgroup}: {@code 4:memory:/a/b}, or {@code 0::/a/b} for version 2.
   */
  private record Membership(List<String> controllers, BytePath path) {
    static List<Membership> parse(byte[] file) {
      List<Membership> all = new ArrayList<>();
      ByteArrayOutputStream line = new ByteArrayOutputStream();
      for (byte b : file) {
        if (b == '\n') {
          all.add(parseLine(line.toByteArray()));
          line.reset();
        } else {
          line.write(b);
        }
      }
      if (line.size() > 0) {
        all.add(parseLine(line.toByteArray()));
      }
      return all;
    }

    private static Membership parseLine(byte[] line) {
      int first = indexOf(line, ':', 0);
      int second = first < 0 ? -1 : indexOf(line, ':', first + 1);
      if (second < 0 || second + 1 >= line.length) {
        throw new IllegalArgumentException(
            "not a line of /proc/self/cgroup: " + new String(line, StandardCharsets.UTF_8));
      }
      String names = new String(line, first + 1, second - first - 1, StandardCharsets.UTF_8);
      return new Membership(
          names.isEmpty() ? List.of() : List.of(names.split(",")),
          BytePath.ofBytes(Arrays.copyOfRange(line, second + 1, line.length)));
    }

    private static int indexOf(byte[] line, char wanted, int from) {
      for (int i = from; i < line.length; i++) {
        if (line[i] == wanted) {
          return i;
        }
      }
      return -1;
    }

    boolean isV2() {
      return controllers.isEmpty();
    }

    boolean isIn(MountInfo mount) {
      return isV2()
          ? mount.type().equals("cgroup2")
          : mount.type().equals("cgroup") && controllers.stream().allMatch(mount::hasSuperOption);
    }
  }
}
