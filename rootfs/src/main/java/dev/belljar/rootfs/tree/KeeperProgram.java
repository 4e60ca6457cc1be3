package dev.belljar.rootfs.tree;

import static dev.belljar.linux.launch.ProgramBuilder.literal;
import static dev.belljar.linux.launch.ProgramBuilder.nothing;

import dev.belljar.linux.Errno;
import dev.belljar.linux.call.DescriptorPassing;
import dev.belljar.linux.launch.Argument;
import dev.belljar.linux.launch.CloneFailure;
import dev.belljar.linux.launch.DescriptorSteps;
import dev.belljar.linux.launch.LaunchProgram;
import dev.belljar.linux.launch.Operation;
import dev.belljar.linux.launch.ProgramBuilder;
import dev.belljar.linux.launch.Report;
import dev.belljar.linux.launch.StepDraft;
import dev.belljar.linux.syscall.Syscall;
import dev.belljar.linux.syscall.SyscallNumber;
import dev.belljar.linux.uapi.Uapi;
import java.util.Optional;

/**
 * What the process of a {@link TreeKeeper} does: mount, then answer each message with a copy.
 *
 * <p>It leaves the mounts that its namespace began with: else none that the host has at that moment
 * would let go of its disk for as long as the tree is kept.
 */
final class KeeperProgram {
  private static final int MSG_NOSIGNAL = 0x4000;
  private static final int MNT_DETACH = 2; // sys/mount.h

  private final ProgramBuilder program = new ProgramBuilder();
  private final Argument socket = program.input("socket");
  private final ProgramBuilder.Memory word = program.memory(new byte[8]);
  private final ProgramBuilder.Memory control = program.memory(DescriptorPassing.control());
  private final ProgramBuilder.Label end = program.label();

  private final boolean withUser;

  private KeeperProgram(boolean withUser) {
    this.withUser = withUser;
  }

  static long namespaces(boolean withUser) {
    return withUser ? Uapi.CLONE_NEWNS() | Uapi.CLONE_NEWUSER() : Uapi.CLONE_NEWNS();
  }

  static LaunchProgram of(boolean withUser) {
    return new KeeperProgram(withUser).build(namespaces(withUser));
  }

  private LaunchProgram build(long namespaces) {
    program.call(SyscallNumber.CLOSE_RANGE, literal(0), literal(2), literal(0));
    program.call(SyscallNumber.SETSID);
    StepDraft unshare =
        program
            .call(SyscallNumber.UNSHARE, literal(namespaces, CloneFailure.flags(namespaces)))
            .named("make a mount namespace for a tree");
    for (Errno error : new Errno[] {Errno.EPERM, Errno.ENOSPC}) {
      unshare.remedy(error, CloneFailure.remedy(error.number(), namespaces, false));
    }
    if (withUser) {
      ready();
      awaitMessage(); // the map has been written
    }
    Argument root = program.string("/");
    mount(
        program.call(
            SyscallNumber.MOUNT,
            nothing(),
            root,
            nothing(),
            literal(Uapi.MS_REC() | Uapi.MS_PRIVATE(), "MS_REC|MS_PRIVATE"),
            nothing()));
    ProgramBuilder.Variable tree = makeTree();
    mount(
        program.call(
            SyscallNumber.MOVE_MOUNT,
            tree.value(),
            program.string(""),
            literal(Syscall.AT_FDCWD, "AT_FDCWD"),
            root,
            literal(Uapi.MOVE_MOUNT_F_EMPTY_PATH(), "MOVE_MOUNT_F_EMPTY_PATH")));
    leaveTheHostsMounts(tree);
    Argument header = DescriptorSteps.header(program, word, Optional.of(control));
    if (!withUser) {
      ready();
      awaitMessage();
    }
    answer(header, tree);
    ProgramBuilder.Label next = program.label();
    program.place(next);
    awaitMessage();
    ProgramBuilder.Variable copy = program.variable("copy", -1);
    program
        .call(
            SyscallNumber.OPEN_TREE,
            tree.value(),
            program.string(""),
            literal(
                Uapi.OPEN_TREE_CLONE() | Uapi.OPEN_TREE_CLOEXEC() | Uapi.AT_EMPTY_PATH(),
                "OPEN_TREE_CLONE|OPEN_TREE_CLOEXEC|AT_EMPTY_PATH"))
        .changes(Uapi.CLONE_NEWNS())
        .onAnyOther(end)
        .into(copy);
    answer(header, copy);
    program.call(SyscallNumber.CLOSE, copy.value()).ignoreAll();
    program.jump(next);
    program.place(end);
    program.exit(0);
    return program.build();
  }

  private void ready() {
    Report.addReady(program);
    program.call(SyscallNumber.CLOSE, program.report());
  }

  // See pivot_root(2), "pivot_root(".", ".")". A first root of all, an initramfs, stays as it is.
  private void leaveTheHostsMounts(ProgramBuilder.Variable tree) {
    Argument here = program.string(".");
    ProgramBuilder.Label unmovable = program.label();
    mount(program.call(SyscallNumber.FCHDIR, tree.value()));
    mount(program.call(SyscallNumber.PIVOT_ROOT, here, here).on(Errno.EINVAL, unmovable));
    mount(program.call(SyscallNumber.UMOUNT2, here, literal(MNT_DETACH, "MNT_DETACH")));
    program.place(unmovable);
  }

  private StepDraft mount(StepDraft step) {
    step.changes(Uapi.CLONE_NEWNS()).named("make a place for a tree");
    return withUser ? step.onAnyOther(end) : step; // nobody hears of it after READY
  }

  private ProgramBuilder.Variable makeTree() {
    ProgramBuilder.Variable context = program.variable("context", -1);
    ProgramBuilder.Variable tree = program.variable("tree", -1);
    mount(program.call(SyscallNumber.FSOPEN, program.string("tmpfs"), literal(1)).into(context));
    for (String[] option : new String[][] {{"mode", "755"}, {"nr_inodes", "0"}}) {
      mount(
          program.call(
              SyscallNumber.FSCONFIG,
              context.value(),
              literal(Uapi.FSCONFIG_SET_STRING(), "FSCONFIG_SET_STRING"),
              program.string(option[0]),
              program.string(option[1]),
              literal(0)));
    }
    mount(
        program.call(
            SyscallNumber.FSCONFIG,
            context.value(),
            literal(Uapi.FSCONFIG_CMD_CREATE(), "FSCONFIG_CMD_CREATE"),
            nothing(),
            nothing(),
            literal(0)));
    mount(
        program
            .call(
                SyscallNumber.FSMOUNT,
                context.value(),
                literal(1),
                literal(
                    Uapi.MOUNT_ATTR_NOSUID() | Uapi.MOUNT_ATTR_NODEV(),
                    "MOUNT_ATTR_NOSUID|MOUNT_ATTR_NODEV"))
            .into(tree));
    return tree;
  }

  private void awaitMessage() {
    ProgramBuilder.Variable length = program.variable("length");
    program
        .call(SyscallNumber.READ, socket, word.address(), literal(8))
        .into(length)
        .onAnyOther(end);
    program.jumpIfEqual(length.value(), literal(0), end);
  }

  private void answer(Argument header, ProgramBuilder.Variable descriptor) {
    program.control(
        Operation.Control.STORE32,
        control.address(),
        literal(DescriptorPassing.CONTROL_NUMBER),
        descriptor.value());
    program.call(SyscallNumber.SENDMSG, socket, header, literal(MSG_NOSIGNAL)).onAnyOther(end);
  }
}
