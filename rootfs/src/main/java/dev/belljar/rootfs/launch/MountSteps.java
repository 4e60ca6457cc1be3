package dev.belljar.rootfs.launch;

import static dev.belljar.linux.launch.ProgramBuilder.literal;
import static dev.belljar.linux.launch.ProgramBuilder.nothing;

import dev.belljar.linux.Errno;
import dev.belljar.linux.call.OpenFlags;
import dev.belljar.linux.launch.Argument;
import dev.belljar.linux.launch.ProgramBuilder;
import dev.belljar.linux.launch.ProgramBuilder.Label;
import dev.belljar.linux.launch.ProgramBuilder.Variable;
import dev.belljar.linux.launch.StepDraft;
import dev.belljar.linux.syscall.Syscall;
import dev.belljar.linux.syscall.SyscallNumber;
import dev.belljar.linux.uapi.Uapi;
import dev.belljar.rootfs.MountAttribute;
import dev.belljar.rootfs.Propagation;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Adds the steps that work on mounts: one method for a kernel call or a fixed sequence of them.
 *
 * <p>Mounts are held by descriptors and placed on descriptors, never on path strings that a
 * symbolic link or a race could bend. All descriptors are close-on-exec. Nothing here clones a
 * detached tree or moves a mount onto one: that is newer than Linux 6.1.
 */
final class MountSteps {
  static final Argument WORKING_DIRECTORY = literal(Syscall.AT_FDCWD, "AT_FDCWD");

  private static final long MS_REC_SLAVE = Uapi.MS_REC() | Uapi.MS_SLAVE();
  private static final int MOUNT_ATTR_SIZE = 32;

  private final ProgramBuilder program;

  MountSteps(ProgramBuilder program) {
    this.program = program;
  }

  ProgramBuilder program() {
    return program;
  }

  /** Adds a call that works on the mount namespace or on files in it. */
  StepDraft call(SyscallNumber number, Argument... operands) {
    return program.call(number, operands).changes(Uapi.CLONE_NEWNS());
  }

  Variable descriptor(String what) {
    return program.variable(what, -1);
  }

  Argument path(String path) {
    return program.string(path);
  }

  /** Stops mounts and unmounts from reaching the host. */
  void leaveTheHostsPeerGroups() {
    call(
            SyscallNumber.MOUNT,
            nothing(),
            path("/"),
            nothing(),
            literal(MS_REC_SLAVE, "MS_REC|MS_SLAVE"),
            nothing())
        .named("make / a slave of the host's mounts")
        .remedy(Errno.EINVAL, "the root directory of this JVM is not a mount point");
  }

  /**
   * Copies a mount, or with {@code AT_RECURSIVE} a tree of mounts, into a detached one.
   *
   * @see <a href="https://man7.org/linux/man-pages/man2/open_tree.2.html">open_tree(2)</a>
   */
  StepDraft copy(Variable into, Argument directory, Argument path, boolean recursive) {
    long flags = Uapi.OPEN_TREE_CLONE() | Uapi.OPEN_TREE_CLOEXEC();
    String text = "OPEN_TREE_CLONE|OPEN_TREE_CLOEXEC";
    return call(
            SyscallNumber.OPEN_TREE,
            directory,
            path,
            recursive
                ? literal(flags | Uapi.AT_RECURSIVE(), text + "|AT_RECURSIVE")
                : literal(flags, text))
        .into(into);
  }

  /** Copies the mount that a descriptor stands for. */
  StepDraft copy(Variable into, Variable mount) {
    return copy(into, mount, false);
  }

  /** Copies the mount or tree of mounts that a file is on, from that file down. */
  StepDraft copy(Variable into, Variable file, boolean recursive) {
    long flags = Uapi.OPEN_TREE_CLONE() | Uapi.OPEN_TREE_CLOEXEC() | Uapi.AT_EMPTY_PATH();
    String text = "OPEN_TREE_CLONE|OPEN_TREE_CLOEXEC|AT_EMPTY_PATH";
    return call(
            SyscallNumber.OPEN_TREE,
            file.value(),
            path(""),
            recursive
                ? literal(flags | Uapi.AT_RECURSIVE(), text + "|AT_RECURSIVE")
                : literal(flags, text))
        .into(into);
  }

  /** Opens a directory, not for reading but to stand for it; links are followed. */
  StepDraft openDirectory(Variable into, Argument directory, Argument path) {
    int flags = OpenFlags.O_PATH | OpenFlags.O_DIRECTORY | OpenFlags.O_CLOEXEC;
    return call(
            SyscallNumber.OPENAT, directory, path, literal(flags, "O_PATH|O_DIRECTORY|O_CLOEXEC"))
        .into(into);
  }

  /**
   * Places a detached mount on a path below a directory. A symbolic link as the last name is not
   * followed; the names before it must be ones that nobody can have tampered with.
   *
   * @see <a href="https://man7.org/linux/man-pages/man2/move_mount.2.html">move_mount(2)</a>
   */
  StepDraft place(Variable mount, Argument directory, String path) {
    return place(mount, directory, path(path));
  }

  /** Places a detached mount on a path of any bytes; see the other one. */
  StepDraft place(Variable mount, Argument directory, Argument path) {
    return call(
        SyscallNumber.MOVE_MOUNT,
        mount.value(),
        path(""),
        directory,
        path,
        literal(Uapi.MOVE_MOUNT_F_EMPTY_PATH(), "MOVE_MOUNT_F_EMPTY_PATH"));
  }

  /** Places a detached mount on what a descriptor stands for. */
  StepDraft place(Variable mount, Variable target) {
    return call(
        SyscallNumber.MOVE_MOUNT,
        mount.value(),
        path(""),
        target.value(),
        path(""),
        literal(
            Uapi.MOVE_MOUNT_F_EMPTY_PATH() | Uapi.MOVE_MOUNT_T_EMPTY_PATH(),
            "MOVE_MOUNT_F_EMPTY_PATH|MOVE_MOUNT_T_EMPTY_PATH"));
  }

  /**
   * Restricts a tree of mounts and makes it private.
   *
   * @see <a href="https://man7.org/linux/man-pages/man2/mount_setattr.2.html">mount_setattr(2)</a>
   */
  StepDraft restrictTree(Variable tree, Set<MountAttribute> attributes) {
    return setAttributes(
        tree,
        literal(Uapi.AT_EMPTY_PATH() | Uapi.AT_RECURSIVE(), "AT_EMPTY_PATH|AT_RECURSIVE"),
        attributes,
        Set.of(),
        Uapi.MS_PRIVATE());
  }

  /**
   * Restricts a mount or a tree of mounts, and says how it propagates: private unless told.
   *
   * @return the steps, one for each propagation
   */
  List<StepDraft> restrict(
      Variable tree,
      boolean recursive,
      Set<MountAttribute> set,
      Set<MountAttribute> clear,
      List<Propagation> propagation) {
    List<StepDraft> steps = new ArrayList<>();
    List<Propagation> all =
        propagation.isEmpty()
            ? List.of(recursive ? Propagation.RPRIVATE : Propagation.PRIVATE)
            : propagation;
    for (int i = 0; i < all.size(); i++) {
      boolean isTree = recursive || all.get(i).isRecursive();
      steps.add(
          setAttributes(
              tree,
              isTree
                  ? literal(
                      Uapi.AT_EMPTY_PATH() | Uapi.AT_RECURSIVE(), "AT_EMPTY_PATH|AT_RECURSIVE")
                  : literal(Uapi.AT_EMPTY_PATH(), "AT_EMPTY_PATH"),
              i == 0 ? set : Set.of(),
              i == 0 ? clear : Set.of(),
              all.get(i).flag()));
    }
    return steps;
  }

  /**
   * Makes a tree that was copied outside, in another mount namespace, a slave of what it is a copy
   * of: a copy of a shared mount is its peer.
   */
  StepDraft leavePeerGroups(Variable tree) {
    return setAttributes(
        tree,
        literal(Uapi.AT_EMPTY_PATH() | Uapi.AT_RECURSIVE(), "AT_EMPTY_PATH|AT_RECURSIVE"),
        Set.of(),
        Set.of(),
        Uapi.MS_SLAVE());
  }

  /** Takes a restriction off one mount. */
  StepDraft allow(Variable mount, MountAttribute attribute) {
    return setAttributes(
        mount, literal(Uapi.AT_EMPTY_PATH(), "AT_EMPTY_PATH"), Set.of(), Set.of(attribute), 0);
  }

  /** Puts a restriction on one mount. */
  StepDraft forbid(Variable mount, MountAttribute attribute) {
    return setAttributes(
        mount, literal(Uapi.AT_EMPTY_PATH(), "AT_EMPTY_PATH"), Set.of(attribute), Set.of(), 0);
  }

  private StepDraft setAttributes(
      Variable tree,
      Argument flags,
      Set<MountAttribute> set,
      Set<MountAttribute> clear,
      long propagation) {
    byte[] struct =
        ByteBuffer.allocate(MOUNT_ATTR_SIZE)
            .order(ByteOrder.LITTLE_ENDIAN)
            .putLong(MountAttribute.bits(set))
            .putLong(MountAttribute.bits(clear) | MountAttribute.replaced(set))
            .putLong(propagation)
            .array();
    String text =
        "{attr_set=%s, attr_clr=%s, propagation=%s, userns_fd=0}"
            .formatted(
                MountAttribute.text(set), MountAttribute.text(clear), propagationText(propagation));
    return call(
        SyscallNumber.MOUNT_SETATTR,
        tree.value(),
        path(""),
        flags,
        program.constant(struct, text),
        literal(MOUNT_ATTR_SIZE));
  }

  private static String propagationText(long propagation) {
    return Stream.of(Propagation.values())
        .filter(each -> each.flag() == propagation)
        .findFirst()
        .map(each -> "MS_" + each.name())
        .orElse("0");
  }

  /**
   * Makes a file system and a detached mount of it.
   *
   * @return the last step, which is where the kernel refuses what would reveal too much
   * @see <a href="https://man7.org/linux/man-pages/man2/fsopen.2.html">fsopen(2)</a>
   */
  StepDraft make(Variable mount, FileSystem fileSystem, String name) {
    return make(mount, fileSystem, name, Optional.empty());
  }

  /** Makes one file system, or where the kernel finds its options invalid, the other one. */
  void makeEither(Variable mount, FileSystem one, FileSystem other, String name) {
    Label invalid = program.label();
    Label done = program.label();
    make(mount, one, name, Optional.of(invalid));
    program.jump(done);
    program.place(invalid);
    make(mount, other, name);
    program.place(done);
  }

  private StepDraft make(
      Variable mount, FileSystem fileSystem, String name, Optional<Label> invalid) {
    Variable context = descriptor(fileSystem.type() + " context");
    call(
            SyscallNumber.FSOPEN,
            path(fileSystem.type()),
            literal(Uapi.FSOPEN_CLOEXEC(), "FSOPEN_CLOEXEC"))
        .into(context)
        .named(name)
        .remedy(Errno.ENODEV, "this kernel has no file system of the type " + fileSystem.type());
    for (FileSystem.Option option : fileSystem.options()) {
      boolean flag = option.isFlag();
      StepDraft set =
          call(
                  SyscallNumber.FSCONFIG,
                  context.value(),
                  flag
                      ? literal(Uapi.FSCONFIG_SET_FLAG(), "FSCONFIG_SET_FLAG")
                      : literal(Uapi.FSCONFIG_SET_STRING(), "FSCONFIG_SET_STRING"),
                  program.string(option.key().bytes()),
                  flag ? nothing() : program.string(option.value().bytes()),
                  literal(0))
              .named(name);
      invalid.ifPresent(label -> set.on(Errno.EINVAL, label));
    }
    StepDraft create =
        call(
                SyscallNumber.FSCONFIG,
                context.value(),
                literal(Uapi.FSCONFIG_CMD_CREATE(), "FSCONFIG_CMD_CREATE"),
                nothing(),
                nothing(),
                literal(0))
            .named(name);
    // Types that old kernels have not taught the new calls look at their options only now.
    invalid.ifPresent(label -> create.on(Errno.EINVAL, label));
    return call(
            SyscallNumber.FSMOUNT,
            context.value(),
            literal(Uapi.FSMOUNT_CLOEXEC(), "FSMOUNT_CLOEXEC"),
            literal(
                MountAttribute.bits(fileSystem.attributes()),
                MountAttribute.text(fileSystem.attributes())))
        .into(mount)
        .named(name);
  }
}
