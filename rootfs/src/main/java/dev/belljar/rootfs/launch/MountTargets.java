package dev.belljar.rootfs.launch;

import static dev.belljar.linux.launch.ProgramBuilder.literal;

import dev.belljar.linux.BytePath;
import dev.belljar.linux.Errno;
import dev.belljar.linux.call.OpenFlags;
import dev.belljar.linux.launch.Argument;
import dev.belljar.linux.launch.Operation;
import dev.belljar.linux.launch.ProgramBuilder;
import dev.belljar.linux.launch.ProgramBuilder.Label;
import dev.belljar.linux.launch.ProgramBuilder.Memory;
import dev.belljar.linux.launch.ProgramBuilder.Variable;
import dev.belljar.linux.launch.StepDraft;
import dev.belljar.linux.syscall.SyscallNumber;
import dev.belljar.linux.uapi.Uapi;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Puts mounts at paths inside the root, whoever may be changing the tree meanwhile.
 *
 * <p>The root has been entered and the old one left, so nothing of the host can be reached by any
 * path. A target is found by the kernel in one go and held by a descriptor, the mount is placed on
 * the descriptor, and then the path is looked up once more and must lead to that very mount: a tree
 * that was changed in between makes the start fail, and never a mount appear somewhere else.
 *
 * <p>Paths of /proc and /sys are looked up in the kernel's own, wherever the tree leads.
 */
final class MountTargets {
  private static final int S_IFDIR = 0x4000;
  private static final int STATFS_SIZE = 120;

  /** What a target has to be, and is made as where it is missing. */
  enum Kind {
    DIRECTORY,
    FILE,
    /** A directory when the root of the mount is one, a file otherwise: for binds. */
    LIKE_SOURCE
  }

  private final MountSteps mounts;
  private final ProgramBuilder program;
  private final Argument root;
  private final Resolution resolution;
  private final Statx statx;
  private final Memory statfs;
  private final Map<BytePath, Variable> kernel;

  /**
   * Begins.
   *
   * @param mounts what to add to
   * @param root a descriptor of the container's root, which is that of the process already
   * @param kernel what is mounted at /proc and, where it is the kernel's, at /sys
   */
  MountTargets(MountSteps mounts, Argument root, Map<BytePath, Variable> kernel) {
    this.kernel = new HashMap<>(kernel);
    this.mounts = mounts;
    this.program = mounts.program();
    this.root = root;
    this.resolution = new Resolution(program);
    this.statx = new Statx(mounts);
    this.statfs = program.memory(new byte[STATFS_SIZE]);
  }

  /** Tells what is wrong with a path as a target. */
  static Optional<String> mistake(BytePath path) {
    if (!path.isAbsolute()) {
      return Optional.of("mount target " + path + " is not absolute");
    }
    List<BytePath> names = path.components();
    if (names.isEmpty()) {
      return Optional.of("nothing can be mounted over the root directory itself");
    }
    if (names.contains(BytePath.of(".")) || names.contains(BytePath.of(".."))) {
      return Optional.of("mount target " + path + " has a component . or ..");
    }
    return KernelPaths.mistake(path);
  }

  /**
   * Adds the steps that place a detached mount.
   *
   * @param mount the mount, which stays open
   * @param path an absolute path as the container sees it, without a {@link #mistake}
   * @param kind what the target has to be
   * @param makeMissing whether a missing target and missing directories on the way are made
   */
  void place(Variable mount, BytePath path, Kind kind, boolean makeMissing) {
    String what = "mount " + path;
    Variable target = mounts.descriptor("target " + path);
    Label found = program.label();
    Label missing = program.label();
    StepDraft open = find(target, path, kind == Kind.DIRECTORY, what);
    open.remedy(Errno.ENOTDIR, "the target, or something on the way to it, is no directory");
    if (makeMissing) {
      open.on(Errno.ENOENT, missing);
      program.jump(found);
      program.place(missing);
      make(mount, target, path, kind, what);
    } else {
      open.remedy(Errno.ENOENT, "make the target beforehand");
    }
    program.place(found);
    cover(mount, target, path, what);
    kernel.replaceAll((place, there) -> place.startsWith(path) ? mount : there);
  }

  /** Where a path is looked up, and as what. */
  private record Start(Argument directory, List<BytePath> names, boolean isKernels) {
    Argument name(ProgramBuilder program, int count) {
      BytePath name = names.subList(0, count).stream().reduce(BytePath::resolve).orElseThrow();
      return program.string((isKernels ? name : BytePath.of("/").resolve(name)).bytes());
    }
  }

  private Start start(BytePath path) {
    List<BytePath> names = path.components();
    return kernel.entrySet().stream()
        .filter(each -> names.size() > 1 && path.startsWith(each.getKey()))
        .findFirst()
        .map(each -> new Start(each.getValue().value(), names.subList(1, names.size()), true))
        .orElseGet(() -> new Start(root, names, false));
  }

  private StepDraft find(Variable into, Start start, int names, boolean isDirectory, String what) {
    Argument name = start.name(program, names);
    return start.isKernels()
        ? resolution.beneath(into, start.directory(), name, isDirectory, what)
        : isDirectory
            ? resolution.directory(into, root, name, what)
            : resolution.anything(into, root, name, what);
  }

  /**
   * Adds the steps that find a target.
   *
   * @param into takes its descriptor
   * @param path an absolute path as the container sees it
   * @param isDirectory whether it has to be a directory
   */
  StepDraft find(Variable into, BytePath path, boolean isDirectory, String what) {
    Start start = start(path);
    return find(into, start, start.names().size(), isDirectory, what);
  }

  /**
   * Adds the steps that place a detached mount on a target that has been found, and make sure that
   * this is where its path leads.
   */
  void cover(Variable mount, Variable target, BytePath path, String what) {
    boolean isKernels = kernel.keySet().stream().anyMatch(path::startsWith);
    if (!isKernels) {
      refuseKernelFiles(target, what);
    }
    mounts
        .place(mount, target)
        .named(what)
        .remedy(Errno.EINVAL, "a directory can only be mounted on a directory, a file on a file")
        .remedy(Errno.ENOTDIR, "a directory can only be mounted on a directory, a file on a file")
        .remedy(Errno.ENOENT, "the target was removed meanwhile");
    verify(mount, program.string(path.bytes()), what);
  }

  /** Makes what is missing, one name after the other; no name is followed that is a link now. */
  private void make(Variable mount, Variable target, BytePath path, Kind kind, String what) {
    Start start = start(path);
    List<BytePath> names = start.names();
    Variable parent = mounts.descriptor("parent");
    program.control(Operation.Control.ADD, start.directory(), literal(0)).into(parent);
    BytePath way = BytePath.of("/");
    for (int i = 0; i < names.size() - 1; i++) {
      BytePath name = names.get(i);
      way = way.resolve(name);
      Label missing = program.label();
      Label there = program.label();
      find(target, start, i + 1, true, what)
          .on(Errno.ENOENT, missing)
          .remedy(Errno.ENOTDIR, way + " is no directory");
      program.jump(there);
      program.place(missing);
      makeDirectory(target, parent, name, way, what);
      program.place(there);
      program.control(Operation.Control.ADD, target.value(), literal(0)).into(parent);
    }
    BytePath last = names.getLast();
    switch (kind) {
      case DIRECTORY -> makeDirectory(target, parent, last, path, what);
      case FILE -> makeFile(target, parent, last, path, what);
      case LIKE_SOURCE -> {
        Label file = program.label();
        Label done = program.label();
        look(mount, what);
        statx.jumpUnlessOfType(S_IFDIR, "S_IFDIR", file);
        makeDirectory(target, parent, last, path, what);
        program.jump(done);
        program.place(file);
        makeFile(target, parent, last, path, what);
        program.place(done);
      }
    }
  }

  /** Makes a directory where it is missing, with those on the way, and gives it to somebody. */
  void makeDirectory(RootfsRequest.OwnDirectory directory) {
    BytePath path = directory.path();
    String what = "make the directory " + path;
    Variable target = mounts.descriptor("directory " + path);
    Label missing = program.label();
    Label done = program.label();
    resolution
        .directory(target, root, program.string(path.bytes()), what)
        .on(Errno.ENOENT, missing)
        .remedy(Errno.ENOTDIR, path + " is there, and is no directory");
    program.jump(done);
    program.place(missing);
    make(target, target, path, Kind.DIRECTORY, what);
    mounts
        .call(
            SyscallNumber.FCHOWNAT,
            target.value(),
            mounts.path(""),
            literal(directory.uid()),
            literal(directory.gid()),
            literal(Uapi.AT_EMPTY_PATH(), "AT_EMPTY_PATH"))
        .named(what + ": give it to the command's user");
    program.place(done);
  }

  private void makeDirectory(
      Variable into, Variable parent, BytePath name, BytePath path, String what) {
    mounts
        .call(
            SyscallNumber.MKDIRAT,
            parent.value(),
            program.string(name.bytes()),
            literal(0755, "0755"))
        .named(what + ": make the missing directory " + path)
        .ignore(Errno.EEXIST) // somebody else was faster, or it is a link that leads nowhere
        .remedy("make it beforehand, by somebody who may");
    int flags =
        OpenFlags.O_PATH | OpenFlags.O_NOFOLLOW | OpenFlags.O_DIRECTORY | OpenFlags.O_CLOEXEC;
    mounts
        .call(
            SyscallNumber.OPENAT,
            parent.value(),
            program.string(name.bytes()),
            literal(flags, "O_PATH|O_NOFOLLOW|O_DIRECTORY|O_CLOEXEC"))
        .into(into)
        .named(what + ": open the new directory " + path)
        .remedy(Errno.ENOTDIR, path + " is a link that leads nowhere");
  }

  private void makeFile(Variable into, Variable parent, BytePath name, BytePath path, String what) {
    int flags = OpenFlags.O_CREAT | OpenFlags.O_EXCL | OpenFlags.O_NOFOLLOW | OpenFlags.O_CLOEXEC;
    mounts
        .call(
            SyscallNumber.OPENAT,
            parent.value(),
            program.string(name.bytes()),
            literal(flags, "O_RDONLY|O_CREAT|O_EXCL|O_NOFOLLOW|O_CLOEXEC"),
            literal(0644, "0644"))
        .into(into)
        .named(what + ": make the missing file " + path)
        .remedy(Errno.EEXIST, path + " is a link that leads nowhere, or was made meanwhile")
        .remedy("make it beforehand, by somebody who may");
  }

  // A link may lead into /proc or /sys.
  private void refuseKernelFiles(Variable target, String what) {
    mounts
        .call(SyscallNumber.FSTATFS, target.value(), statfs.address())
        .named(what + ": look at the target");
    Variable type = program.variable("type of the file system");
    program.control(Operation.Control.LOAD64, statfs.address(), literal(0)).into(type);
    Label refuse = program.label();
    Label fine = program.label();
    program.jumpIfEqual(type.value(), literal(Uapi.PROC_SUPER_MAGIC(), "PROC_SUPER_MAGIC"), refuse);
    program.jumpUnlessEqual(type.value(), literal(Uapi.SYSFS_MAGIC(), "SYSFS_MAGIC"), fine);
    program.place(refuse);
    program
        .fail(Errno.EPERM, "move_mount(...)")
        .named(what)
        .remedy("a link leads into /proc or /sys, where only a few paths may be mounted on");
    program.place(fine);
  }

  private void verify(Variable mount, Argument name, String what) {
    look(mount, what);
    Variable meant = statx.loadLong(Statx.MOUNT_ID, "id of the mount");
    Variable found = mounts.descriptor("found");
    resolution
        .anything(found, root, name, what + ": see that it is there")
        .remedy(Errno.ENOENT, "somebody is changing the tree");
    look(found, what);
    Variable there = statx.loadLong(Statx.MOUNT_ID, "id of the mount there");
    Label right = program.label();
    program.jumpIfEqual(there.value(), meant.value(), right);
    program
        .fail(Errno.ESTALE, "move_mount(...)")
        .named(what + ": see that it is there")
        .remedy("the path leads somewhere else now: somebody is changing the tree");
    program.place(right);
  }

  private void look(Variable mount, String what) {
    statx.look(mount, Statx.Wanted.MOUNT, what + ": look at the mount");
  }
}
