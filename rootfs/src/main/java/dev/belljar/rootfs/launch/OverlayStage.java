package dev.belljar.rootfs.launch;

import static dev.belljar.linux.launch.ProgramBuilder.literal;
import static dev.belljar.linux.launch.ProgramBuilder.nothing;

import dev.belljar.linux.BytePath;
import dev.belljar.linux.ByteString;
import dev.belljar.linux.Errno;
import dev.belljar.linux.call.OpenFlags;
import dev.belljar.linux.launch.Argument;
import dev.belljar.linux.launch.ProgramBuilder.Label;
import dev.belljar.linux.launch.ProgramBuilder.Variable;
import dev.belljar.linux.syscall.SyscallNumber;
import dev.belljar.rootfs.MountAttribute;
import dev.belljar.rootfs.NewMount;
import dev.belljar.rootfs.Overlay;
import java.util.ArrayList;
import java.util.List;

/**
 * A place where overlays are put together: a small file system in memory, mounted over the root
 * directory for that time.
 *
 * <p>Layers are bound to names of one or two letters in it, so that the options name no path of
 * anybody's choice, need no escapes and stay short: 500 layers fit in what mount(2) takes, of which
 * fsconfig(2) takes 255 bytes. Processes keep their root directory below what is mounted over it,
 * and so does every absolute path. What is thrown away in the end lives here, too.
 *
 * <p>redirect_dir and metacopy are off, so that an upper says by itself what was changed.
 */
final class OverlayStage {
  private static final int MNT_DETACH = 2; // sys/mount.h
  private static final FileSystem STAGE =
      FileSystem.of("tmpfs", MountAttribute.NOSUID, MountAttribute.NODEV).option("mode", "755");
  private static final String DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz";

  private final MountSteps mounts;
  private final boolean confined;
  private final JvmTrees trees;
  private final Variable stage;
  private final Statx statx;
  private int overlays;

  /**
   * Begins.
   *
   * @param mounts what to add to
   * @param confined whether it is in a user namespace
   * @param trees gives the {@link #layers} whose owners are mapped, which the JVM makes
   */
  OverlayStage(MountSteps mounts, boolean confined, JvmTrees trees) {
    this.mounts = mounts;
    this.confined = confined;
    this.trees = trees;
    this.stage = mounts.descriptor("stage");
    this.statx = new Statx(mounts);
  }

  /** Puts one overlay together, on a stage of its own. */
  Variable mount(Overlay overlay, String what) {
    begin(overlay, what);
    Variable tree = add(overlay, what);
    end(what);
    return tree;
  }

  private void begin(Overlay overlay, String what) {
    FileSystem fileSystem =
        overlay.size().isPresent()
            ? STAGE.option("size", Long.toString(overlay.size().getAsLong()))
            : STAGE;
    begin(fileSystem, what);
  }

  void begin(FileSystem fileSystem, String what) {
    mounts.make(stage, fileSystem, what);
    mounts.place(stage, MountSteps.WORKING_DIRECTORY, "/").named(what);
    mounts.call(SyscallNumber.FCHDIR, stage.value()).named(what);
  }

  /** Takes the stage away; what is mounted from it stays. */
  void end(String what) {
    mounts
        .call(SyscallNumber.UMOUNT2, mounts.path("/"), literal(MNT_DETACH, "MNT_DETACH"))
        .named(what);
  }

  void begin(String what) {
    begin(STAGE, what);
  }

  /** Adds an overlay of directories of the host. */
  Variable add(Overlay overlay, String what) {
    String prefix = nextPrefix();
    List<String> names = new ArrayList<>();
    boolean keptBelow = !overlay.writable() && overlay.upper().isPresent();
    List<Variable> taken = new ArrayList<>();
    for (BytePath path : layers(overlay)) {
      int number = taken.size();
      boolean isUpper = keptBelow ? number == 0 : number == overlay.lower().size();
      String name = prefix + (isUpper ? "K" : name(keptBelow ? number - 1 : number));
      taken.add(bind(overlay, path, name, what));
      if (!isUpper || keptBelow) {
        names.add(name);
      }
    }
    Variable top = taken.getFirst();
    if (!overlay.writable()) {
      return readOnly(prefix, names, what);
    }
    if (overlay.upper().isPresent()) {
      String folder = prefix + "K";
      Variable kept = taken.getLast();
      makeUpper(kept, "", top, what);
      if (confined) { // the marks of the kernel have another name then: see OverlayChanges
        mounts
            .call(
                SyscallNumber.MKDIRAT,
                kept.value(),
                mounts.path("userxattr"),
                literal(0755, "0755"))
            .named(what + ": note that the changes are those of a user namespace")
            .ignore(Errno.EEXIST);
      }
      return layer(
          prefix, names, folder + "/upper", folder + "/work", overlay.lower().size(), what);
    }
    makeUpper(stage, prefix, top, what);
    return layer(prefix, names, prefix + "upper", prefix + "work", overlay.lower().size(), what);
  }

  /** Puts a throw-away version of a directory of the container together. */
  Variable copyUp(NewMount made, Argument root, String what) {
    FileSystem upper = GivenMounts.fileSystem(made);
    Variable lower = mounts.descriptor("covered directory");
    new Resolution(mounts.program())
        .directory(lower, root, mounts.program().string(made.target().bytes()), what)
        .remedy(Errno.ENOENT, "what is to be copied must exist");
    Variable layer = mounts.descriptor("layer");
    mounts.copy(layer, lower).named(what);
    begin(new FileSystem("tmpfs", upper.options(), STAGE.attributes()), what);
    makeDirectory(stage, "0", what);
    mounts.place(layer, stage.value(), "0").named(what);
    makeUpper(stage, "", layer, what);
    Variable tree = layer("", List.of("0"), "upper", "work", 1, what);
    end(what);
    mounts.call(SyscallNumber.FCHDIR, root).named(what + ": go back to the root");
    return tree;
  }

  /** Puts a throw-away version of a detached tree together. */
  Variable over(Variable lower, String what) {
    begin(what);
    makeDirectory(stage, "0", what);
    mounts.place(lower, stage.value(), "0").named(what);
    makeUpper(stage, "", lower, what);
    Variable tree = layer("", List.of("0"), "upper", "work", 1, what);
    end(what);
    return tree;
  }

  private String nextPrefix() {
    int number = overlays++;
    return number == 0 ? "" : name(number - 1) + "-";
  }

  /** Short names, in the order 0 to z, 10 to zz. */
  static String name(int index) {
    int base = DIGITS.length();
    return index < base
        ? DIGITS.substring(index, index + 1)
        : name(index / base - 1) + DIGITS.charAt(index % base);
  }

  /**
   * The directories of an overlay in the order in which they are taken, the topmost lower first.
   */
  static List<BytePath> layers(Overlay overlay) {
    List<BytePath> all = new ArrayList<>(overlay.lower());
    overlay
        .upper()
        .ifPresent(folder -> {
          if (overlay.writable()) {
            all.addLast(folder);
          } else {
            all.addFirst(folder.resolve("upper"));
          }
        });
    return all;
  }

  private Variable bind(Overlay overlay, BytePath path, String name, String what) {
    Variable into =
        overlay.ids().isPresent()
            ? trees.next(what + ": take " + path + " with its owners mapped")
            : copy(path, what);
    makeDirectory(stage, name, what);
    mounts
        .place(into, stage.value(), name)
        .named(what + ": place " + path)
        .remedy(Errno.ENOTDIR, path + " must be a directory");
    return into;
  }

  private Variable copy(BytePath path, String what) {
    Variable into = mounts.descriptor("layer");
    mounts
        .copy(into, MountSteps.WORKING_DIRECTORY, mounts.program().string(path.bytes()), false)
        .named(what + ": take " + path)
        .remedy(Errno.ENOENT, "it must exist on the host")
        .remedy(
            Errno.EINVAL,
            "something is mounted below it, which an overlay cannot have in a user namespace");
    return into;
  }

  private void makeDirectory(Variable parent, String name, String what) {
    mounts
        .call(SyscallNumber.MKDIRAT, parent.value(), mounts.path(name), literal(0755, "0755"))
        .named(what);
  }

  /** Makes the two directories of an upper, the first as its lower is: it is the one seen. */
  private void makeUpper(Variable parent, String prefix, Variable lower, String what) {
    Label there = mounts.program().label();
    mounts
        .call(
            SyscallNumber.MKDIRAT,
            parent.value(),
            mounts.path(prefix + "upper"),
            literal(0755, "0755"))
        .named(what + ": make the upper directory")
        .on(Errno.EEXIST, there)
        .remedy(Errno.EOVERFLOW, "the map of owners does not lead to the container's root")
        .remedy("the folder must be writable for the container's root");
    statx.look(lower, Statx.Wanted.ALL, what + ": look at the lower directory");
    Variable uid = statx.load(Statx.UID, "uid");
    Variable gid = statx.load(Statx.GID, "gid");
    Variable mode = statx.load(Statx.MODE, "mode");
    // In a user namespace the owner may be nobody that can be named.
    mounts
        .call(
            SyscallNumber.FCHOWNAT,
            parent.value(),
            mounts.path(prefix + "upper"),
            uid.value(),
            gid.value(),
            literal(0))
        .named(what + ": give the upper directory to the owner of the lower")
        .ignore(Errno.EINVAL, Errno.EPERM);
    mounts
        .call(SyscallNumber.FCHMODAT, parent.value(), mounts.path(prefix + "upper"), mode.value())
        .named(what + ": give the upper directory the permissions of the lower");
    mounts.program().place(there);
    mounts
        .call(
            SyscallNumber.MKDIRAT,
            parent.value(),
            mounts.path(prefix + "work"),
            literal(0755, "0755"))
        .named(what + ": make the work directory")
        .ignore(Errno.EEXIST);
    int flags =
        OpenFlags.O_PATH | OpenFlags.O_DIRECTORY | OpenFlags.O_NOFOLLOW | OpenFlags.O_CLOEXEC;
    for (String name : List.of("upper", "work")) {
      mounts
          .call(
              SyscallNumber.OPENAT,
              parent.value(),
              mounts.path(prefix + name),
              literal(flags, "O_PATH|O_DIRECTORY|O_NOFOLLOW|O_CLOEXEC"))
          .named(what + ": see that " + name + " is a directory");
    }
  }

  // Two lowers are needed without an upper. The last has what is mounted on in every root.
  private Variable readOnly(String prefix, List<String> names, String what) {
    String bottom = prefix + "E";
    makeDirectory(stage, bottom, what);
    for (String point : List.of("proc", "sys", "dev", "tmp")) {
      makeDirectory(stage, bottom + "/" + point, what);
    }
    List<String> all = new ArrayList<>(names);
    all.add(bottom);
    String data = "lowerdir=" + String.join(":", all);
    return layer(prefix, data, all.size(), what);
  }

  private Variable layer(
      String prefix, List<String> names, String upper, String work, int count, String what) {
    String data =
        "lowerdir=%s,upperdir=%s,workdir=%s".formatted(String.join(":", names), upper, work);
    return layer(prefix, data, count, what);
  }

  private Variable layer(String prefix, String data, int count, String what) {
    String place = prefix + "M";
    makeDirectory(stage, place, what);
    String all =
        data + ",redirect_dir=nofollow,metacopy=off,index=off" + (confined ? ",userxattr" : "");
    mounts
        .call(
            SyscallNumber.MOUNT,
            mounts.path("overlay"),
            mounts.path(place),
            mounts.path("overlay"),
            nothing(),
            mounts.program().string(ByteString.of(all).bytes()))
        .named(what)
        .remedy(
            Errno.EINVAL,
            "a layer's file system cannot be one of an overlay, an upper is on another overlay, the"
                + " layers are nested, or their owners are mapped, which takes Linux 5.19")
        .remedy(Errno.ELOOP, "an overlay of %d layers is too deep".formatted(count))
        .remedy(Errno.EBUSY, "the upper folder is in use by another container");
    Variable tree = mounts.descriptor("overlay");
    mounts.copy(tree, stage.value(), mounts.path(place), false).named(what);
    return tree;
  }
}
