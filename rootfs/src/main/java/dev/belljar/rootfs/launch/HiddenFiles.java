package dev.belljar.rootfs.launch;

import dev.belljar.linux.BytePath;
import dev.belljar.linux.Errno;
import dev.belljar.linux.launch.ProgramBuilder;
import dev.belljar.linux.launch.ProgramBuilder.Label;
import dev.belljar.linux.launch.ProgramBuilder.Variable;
import java.util.List;

/**
 * Mounts over the paths that somebody asked to hide, once everything else is in its place. Only one
 * that does not exist is skipped.
 */
final class HiddenFiles {
  private final MountSteps mounts;
  private final MountTargets targets;

  HiddenFiles(MountSteps mounts, MountTargets targets) {
    this.mounts = mounts;
    this.targets = targets;
  }

  void hide(List<BytePath> paths, NullDevice nullDevice) {
    for (BytePath path : paths) {
      boolean isCovered =
          paths.stream().anyMatch(other -> !path.equals(other) && path.startsWith(other));
      if (!isCovered) {
        hide(path, nullDevice);
      }
    }
  }

  private void hide(BytePath path, NullDevice nullDevice) {
    ProgramBuilder program = mounts.program();
    String what = "hide " + path;
    Variable target = mounts.descriptor("hidden");
    Label notADirectory = program.label();
    Label done = program.label();
    targets.find(target, path, true, what).on(Errno.ENOENT, done).on(Errno.ENOTDIR, notADirectory);
    Variable empty = mounts.descriptor("empty");
    mounts.make(empty, Masks.EMPTY, what);
    targets.cover(empty, target, path, what);
    program.jump(done);

    program.place(notADirectory);
    targets
        .find(target, path, false, what)
        .on(Errno.ENOENT, done)
        .remedy(Errno.ENOTDIR, "something on the way to it is no directory");
    Variable copy = mounts.descriptor("null copy");
    nullDevice.copy(copy, what);
    targets.cover(copy, target, path, what);
    program.place(done);
  }
}
