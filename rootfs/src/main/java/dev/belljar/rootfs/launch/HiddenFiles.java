package dev.belljar.rootfs.launch;

import dev.belljar.linux.BytePath;
import dev.belljar.linux.Errno;
import dev.belljar.linux.launch.Argument;
import dev.belljar.linux.launch.ProgramBuilder;
import dev.belljar.linux.launch.ProgramBuilder.Label;
import dev.belljar.linux.launch.ProgramBuilder.Variable;
import dev.belljar.rootfs.Rootfs;

/** Mounts over the paths that somebody asked to hide, once everything else is in its place. */
final class HiddenFiles {
  private final MountSteps mounts;
  private final Resolution resolution;

  HiddenFiles(MountSteps mounts) {
    this.mounts = mounts;
    this.resolution = new Resolution(mounts.program());
  }

  void hide(Rootfs rootfs, RootTree root, NullDevice nullDevice) {
    for (BytePath path : rootfs.hidden()) {
      hide(path, root.descriptor(), nullDevice);
    }
  }

  private void hide(BytePath path, Argument root, NullDevice nullDevice) {
    ProgramBuilder program = mounts.program();
    String what = "hide " + path;
    Argument name = program.string(path.bytes());
    Variable target = mounts.descriptor("hidden");
    Label notADirectory = program.label();
    Label done = program.label();
    resolution
        .directory(target, root, name, what)
        .on(Errno.ENOENT, done)
        .on(Errno.ENOTDIR, notADirectory);
    Variable empty = mounts.descriptor("empty");
    mounts.make(empty, Masks.EMPTY, what);
    mounts.place(empty, target).named(what);
    program.jump(done);

    program.place(notADirectory);
    resolution
        .anything(target, root, name, what)
        .on(Errno.ENOENT, done)
        .on(Errno.ENOTDIR, done); // one of the names before the last is no directory
    Variable copy = mounts.descriptor("null copy");
    nullDevice.copy(copy, what);
    mounts.place(copy, target).named(what);
    program.place(done);
  }
}
