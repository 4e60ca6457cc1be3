package dev.belljar.rootfs.launch;

import static dev.belljar.linux.launch.ProgramBuilder.literal;

import dev.belljar.linux.Errno;
import dev.belljar.linux.launch.Argument;
import dev.belljar.linux.launch.ProgramBuilder.Label;
import dev.belljar.linux.launch.ProgramBuilder.Variable;
import dev.belljar.linux.launch.StepDraft;
import dev.belljar.linux.syscall.SyscallNumber;
import dev.belljar.rootfs.DirectoryRootfs;
import dev.belljar.rootfs.EmptyRootfs;
import dev.belljar.rootfs.HostRootfs;
import dev.belljar.rootfs.KeptRootfs;
import dev.belljar.rootfs.MountAttribute;
import dev.belljar.rootfs.OverlayRootfs;
import dev.belljar.rootfs.Rootfs;
import java.util.EnumSet;
import java.util.Set;

/** The tree of mounts that becomes the container's root: taken, entered, and mounted on. */
final class RootTree {
  private static final int MNT_DETACH = 2; // sys/mount.h

  private final MountSteps mounts;
  private final Rootfs rootfs;
  private final boolean confined;
  private final boolean plainChroot;
  private final JvmTrees trees;
  private Variable tree;

  RootTree(
      MountSteps mounts, Rootfs rootfs, boolean confined, boolean plainChroot, JvmTrees trees) {
    this.plainChroot = plainChroot;
    this.mounts = mounts;
    this.trees = trees;
    this.rootfs = rootfs;
    this.confined = confined;
    this.tree = mounts.descriptor("root");
  }

  Argument descriptor() {
    return tree.value();
  }

  /** Copies the tree of mounts while its source can still be seen, and restricts the copy. */
  void take() {
    switch (rootfs) {
      case HostRootfs _ -> copy(mounts.path("/"));
      case DirectoryRootfs directory -> copy(mounts.program().string(directory.path().bytes()));
      case OverlayRootfs layers ->
          tree =
              new OverlayStage(mounts, confined, trees)
                  .mount(layers.overlay(), "layer the overlay that becomes the root");
      case EmptyRootfs empty -> {
        if (empty.tree().isPresent()) {
          tree = trees.next("take the tree that was made");
        } else {
          mounts.make(tree, emptyTree(empty), "make an empty root");
        }
      }
      case KeptRootfs kept -> {
        tree = trees.next("take the tree that is kept");
        if (kept.writable()) {
          tree =
              new OverlayStage(mounts, confined, trees)
                  .over(tree, "layer an overlay on the kept tree");
        }
      }
    }
    mounts
        .restrictTree(tree, restrictions())
        .named("restrict the tree that becomes the root")
        .remedy(Errno.EBUSY, "a file of it is open for writing through one of these mounts");
  }

  /** Opens the root of a mount namespace in which it has been entered already. */
  void open() {
    mounts
        .openDirectory(tree, MountSteps.WORKING_DIRECTORY, mounts.path("/"))
        .named("open the prepared root");
  }

  private void copy(Argument source) {
    mounts
        .copy(tree, MountSteps.WORKING_DIRECTORY, source, true)
        .named("take the tree that becomes the root");
  }

  private static FileSystem emptyTree(EmptyRootfs empty) {
    FileSystem fileSystem = FileSystem.of("tmpfs").option("mode", "755");
    return empty.size().isPresent()
        ? fileSystem.option("size", Long.toString(empty.size().getAsLong()))
        : fileSystem;
  }

  private Set<MountAttribute> restrictions() {
    boolean readOnly =
        switch (rootfs) {
          case HostRootfs _ -> true;
          case DirectoryRootfs directory -> !directory.writable();
          case OverlayRootfs layers -> !layers.overlay().writable();
          case KeptRootfs kept -> !kept.writable();
          case EmptyRootfs _ -> false; // not before everything is mounted in it
        };
    Set<MountAttribute> all = EnumSet.of(MountAttribute.NOSUID, MountAttribute.NODEV);
    if (readOnly) {
      all.add(MountAttribute.RDONLY);
    }
    return all;
  }

  /**
   * Makes the tree the root and leaves the old one for good.
   *
   * <p>The tree is mounted over the old root, which always exists. With both operands ".", the old
   * root ends up on top of the new one, and "." then is what to unmount; the working directory
   * stays the new root. See pivot_root(2), "pivot_root(".", ".")".
   *
   * <p>The first root of all, an initramfs, can be neither exchanged nor unmounted. It stays below
   * the tree, with all its mounts: no path leads there, since whoever goes up from the tree comes
   * to the top of what is mounted at the root, and so does who enters the namespace.
   */
  void enter() {
    mounts.place(tree, MountSteps.WORKING_DIRECTORY, "/").named("mount the tree over the old root");
    mounts.call(SyscallNumber.FCHDIR, tree.value()).named("go to the new root");
    if (plainChroot) {
      changeRoot();
      return;
    }
    Label unmovable = mounts.program().label();
    Label done = mounts.program().label();
    mounts
        .call(SyscallNumber.PIVOT_ROOT, mounts.path("."), mounts.path("."))
        .named("make the tree the root")
        .on(Errno.EINVAL, unmovable);
    mounts
        .call(SyscallNumber.UMOUNT2, mounts.path("."), literal(MNT_DETACH, "MNT_DETACH"))
        .named("leave the old root");
    mounts.program().jump(done);
    mounts.program().place(unmovable);
    changeRoot();
    mounts.program().place(done);
  }

  private void changeRoot() {
    mounts
        .call(SyscallNumber.CHROOT, mounts.path("."))
        .named("make the tree, which covers the old root, the root")
        .remedy(Errno.EPERM, "this takes CAP_SYS_CHROOT, which the JVM lacks");
  }

  /** Mounts on a directory right below the root, which is made where that is allowed. */
  void mount(Variable mount, String name, String what) {
    if (!makesMountPoints()) {
      place(mount, name, what).remedy(Errno.ENOENT, "the root directory has no directory /" + name);
      return;
    }
    Label missing = mounts.program().label();
    Label done = mounts.program().label();
    place(mount, name, what).on(Errno.ENOENT, missing);
    mounts.program().jump(done);
    mounts.program().place(missing);
    makeDirectory(name, 0755);
    place(mount, name, what);
    mounts.program().place(done);
  }

  private StepDraft place(Variable mount, String name, String what) {
    String notADirectory =
        "/%s in the root directory must be a directory, not a link or a file".formatted(name);
    return mounts
        .place(mount, tree.value(), name)
        .named("mount " + what)
        .remedy(Errno.ENOTDIR, notADirectory)
        .remedy(Errno.EINVAL, notADirectory)
        .remedy(Errno.ELOOP, notADirectory);
  }

  boolean makesMountPoints() {
    return switch (rootfs) {
      case HostRootfs _ -> false;
      case DirectoryRootfs directory -> directory.writable();
      case OverlayRootfs layers -> layers.overlay().writable();
      case KeptRootfs kept -> kept.writable();
      case EmptyRootfs _ -> true;
    };
  }

  /** Takes the right to change a root that was made for this container, now that it is complete. */
  void seal() {
    if (rootfs instanceof EmptyRootfs empty && !empty.writable()) {
      mounts.forbid(tree, MountAttribute.RDONLY).named("make the root read-only");
    }
  }

  StepDraft makeDirectory(String name, int mode) {
    return mounts
        .call(
            SyscallNumber.MKDIRAT,
            tree.value(),
            mounts.path(name),
            literal(mode, "0" + Integer.toOctalString(mode)))
        .named("make the missing directory /" + name + " in the root directory")
        .remedy("make it beforehand, by somebody who may");
  }
}
