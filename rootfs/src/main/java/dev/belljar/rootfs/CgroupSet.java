package dev.belljar.rootfs;

import dev.belljar.linux.BytePath;
import dev.belljar.linux.ByteString;
import dev.belljar.linux.MountInfo;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** The mounts that show all control groups of a machine, laid out as there. */
final class CgroupSet {
  private static final BytePath PLACE = BytePath.of("/sys/fs/cgroup");

  // Of a hierarchy's options the kernel takes back those that say which one it is.
  private static final Set<String> NOT_IDENTIFYING = Set.of("rw", "ro", "seclabel", "xattr");

  private CgroupSet() {}

  static List<Mount> of(MountTable host, BytePath target) {
    List<MountInfo> hierarchies =
        host.mounts().stream()
            .filter(mount -> mount.type().equals("cgroup") || mount.type().equals("cgroup2"))
            .toList();
    boolean onlyV2 = hierarchies.stream().allMatch(mount -> mount.type().equals("cgroup2"));
    if (hierarchies.isEmpty()) {
      return List.of();
    }
    if (onlyV2) {
      return List.of(mount(hierarchies.getFirst(), target));
    }
    List<Mount> mounts = new ArrayList<>();
    mounts.add(NewMount.of("tmpfs", ByteString.of("cgroup"), target).options("mode=755,noexec"));
    Set<BytePath> names = new HashSet<>();
    for (MountInfo hierarchy : hierarchies) {
      BytePath name = hierarchy.mountPoint().name().orElseThrow();
      boolean inPlace = hierarchy.mountPoint().parent().filter(PLACE::equals).isPresent();
      if (inPlace && names.add(name)) {
        mounts.add(mount(hierarchy, target.resolve(name)));
      }
    }
    return List.copyOf(mounts);
  }

  private static Mount mount(MountInfo hierarchy, BytePath target) {
    MountOptions options = MountOptions.parse("ro,noexec");
    if (hierarchy.type().equals("cgroup")) {
      for (ByteString option : hierarchy.superOptions()) {
        String text = option.toString();
        if (!NOT_IDENTIFYING.contains(text) && !text.startsWith("release_agent=")) {
          options = options.with(option);
        }
      }
      boolean named = hierarchy.superOptions().stream().anyMatch(o -> isName(o));
      if (named && options.words().size() == 1) {
        options = options.with("none");
      }
    }
    return new NewMount(hierarchy.type(), ByteString.of(hierarchy.type()), target, options);
  }

  private static boolean isName(ByteString option) {
    return option.toString().startsWith("name=");
  }
}
