package dev.belljar.rootfs;

import dev.belljar.linux.BytePath;
import java.util.List;

/** The rules for paths of mounts, the same for every kind. */
final class MountPaths {
  private MountPaths() {}

  static void requireAbsolute(BytePath path, String what) {
    if (!path.isAbsolute()) {
      throw new IllegalArgumentException(what + " " + path + " is not an absolute path");
    }
  }

  static void requireTarget(BytePath target) {
    requireAbsolute(target, "mount target");
    List<String> names = target.components().stream().map(BytePath::toString).toList();
    if (names.isEmpty()) {
      throw new IllegalArgumentException("nothing can be mounted on the root directory itself");
    }
    if (names.contains(".") || names.contains("..")) {
      throw new IllegalArgumentException("mount target " + target + " has a component . or ..");
    }
  }
}
