package dev.belljar.rootfs.launch;

import static dev.belljar.linux.launch.ProgramBuilder.literal;

import dev.belljar.linux.launch.ProgramBuilder.Variable;
import dev.belljar.linux.syscall.SyscallNumber;
import dev.belljar.linux.uapi.Uapi;

/**
 * The root of the mount namespace, over which the container's tree is mounted.
 *
 * <p>Below a chroot(2) it is not the root directory of the process. A tree that is mounted over
 * that one is the root of the container's first process only: who enters the namespace later, to
 * execute a command or from prepared mounts, would have the host's files for a root. So the process
 * goes to the namespace's root itself, by entering the namespace that it is in.
 */
final class NamespaceRoot {
  private final MountSteps mounts;
  private final boolean chrooted;
  private final Variable self;

  /**
   * Begins.
   *
   * @param mounts what to add to
   * @param chrooted whether the root directory is another one
   */
  NamespaceRoot(MountSteps mounts, boolean chrooted) {
    this.mounts = mounts;
    this.chrooted = chrooted;
    this.self = mounts.descriptor("this process");
  }

  /** Stops mounts and unmounts from reaching the host; the root directory stays what it is. */
  void leaveTheHostsPeerGroups() {
    if (!chrooted) {
      mounts.leaveTheHostsPeerGroups();
      return;
    }
    Variable root = mounts.descriptor("root of the JVM");
    mounts
        .openDirectory(root, MountSteps.WORKING_DIRECTORY, mounts.path("/"))
        .named("open the JVM's root");
    Variable pid = mounts.program().variable("pid");
    mounts.program().call(SyscallNumber.GETPID).into(pid).named("ask for this process's id");
    mounts
        .program()
        .call(SyscallNumber.PIDFD_OPEN, pid.value(), literal(0))
        .into(self)
        .named("open this process");
    goThere();
    mounts.leaveTheHostsPeerGroups();
    mounts.call(SyscallNumber.FCHDIR, root.value()).named("go back to the JVM's root");
    mounts.call(SyscallNumber.CHROOT, mounts.path(".")).named("see what the JVM sees");
  }

  /** Makes it the root directory and the working directory, before the tree is mounted over it. */
  void goThere() {
    if (chrooted) {
      mounts
          .call(SyscallNumber.SETNS, self.value(), literal(Uapi.CLONE_NEWNS(), "CLONE_NEWNS"))
          .named("go to the root of the mount namespace, which the JVM's is not");
    }
  }
}
