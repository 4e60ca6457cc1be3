package dev.belljar.rootfs.launch;

import dev.belljar.linux.Descriptor;
import dev.belljar.linux.Errno;
import dev.belljar.linux.LinuxException;
import dev.belljar.linux.call.FileCalls;
import dev.belljar.linux.call.Strace;
import dev.belljar.linux.call.Threads;
import dev.belljar.linux.syscall.Scratch;
import dev.belljar.linux.syscall.Syscall;
import dev.belljar.linux.syscall.SyscallNumber;
import dev.belljar.linux.uapi.Uapi;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;

/**
 * Whether this JVM was started by chroot(2): its root directory is then not that of its mount
 * namespace, which is where whoever enters the namespace gets.
 *
 * <p>No file of /proc says so. A thread that enters the namespace it is in gets to its root and
 * looks; it has a root directory of its own for that, and ends.
 */
final class JvmRoot {
  private static final int STATX_INO = 0x100; // linux/stat.h
  private static final int STATX_MNT_ID = 0x1000;
  private static final int STATX_SIZE = 256;

  private static volatile Boolean changed;

  /** What a root directory is known by. */
  private record Directory(long mount, long inode) {
    static Directory root() {
      try (Scratch scratch = Scratch.open()) {
        MemorySegment statx = scratch.allocate(STATX_SIZE);
        Strace.check(
            Syscall.call(
                SyscallNumber.STATX,
                Syscall.AT_FDCWD,
                scratch.string("/"),
                0,
                STATX_INO | STATX_MNT_ID,
                statx.address()),
            () -> "statx(AT_FDCWD, \"/\", 0, STATX_INO|STATX_MNT_ID, ...)");
        return new Directory(
            statx.get(ValueLayout.JAVA_LONG, 144), statx.get(ValueLayout.JAVA_LONG, 32));
      }
    }
  }

  private JvmRoot() {}

  /**
   * Looks, once. Who may not enter a mount namespace cannot make containers below a chroot either,
   * since the kernel refuses him a user namespace there: for him it is not changed.
   *
   * @throws LinuxException when it cannot be told
   */
  static boolean isChanged() {
    Boolean known = changed;
    if (known == null) {
      known = look();
      changed = known;
    }
    return known;
  }

  private static boolean look() {
    Directory mine = Directory.root();
    FutureTask<Directory> task = new FutureTask<>(JvmRoot::rootOfNamespace);
    Thread thread = new Thread(null, task, "belljar-root", 0, false);
    thread.setDaemon(true);
    thread.start();
    Threads.join(thread);
    if (task.state() == Future.State.SUCCESS) {
      return !mine.equals(task.resultNow());
    }
    LinuxException failure = (LinuxException) task.exceptionNow();
    if (failure.is(Errno.EPERM)) {
      return false;
    }
    throw failure;
  }

  private static Directory rootOfNamespace() {
    long flags = Uapi.CLONE_FS(); // a root that is shared with other threads would be EINVAL
    Strace.check(Syscall.call(SyscallNumber.UNSHARE, flags), () -> "unshare(CLONE_FS)");
    long pid = Syscall.call(SyscallNumber.GETPID);
    long pidfd = Syscall.call(SyscallNumber.PIDFD_OPEN, pid, 0);
    Strace.check(pidfd, () -> "pidfd_open(" + pid + ", 0)");
    try (Descriptor self = FileCalls.own(pidfd)) {
      Strace.check(
          Syscall.call(SyscallNumber.SETNS, self.number(), Uapi.CLONE_NEWNS()),
          () -> "setns(" + self.number() + ", CLONE_NEWNS)");
      return Directory.root();
    }
  }
}
