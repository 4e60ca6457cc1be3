package dev.belljar.linux.launch;

import static dev.belljar.linux.call.Strace.check;

import dev.belljar.linux.syscall.Scratch;
import dev.belljar.linux.syscall.Syscall;
import dev.belljar.linux.syscall.SyscallNumber;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * SIGCHLD, which must not be ignored: the kernel would reap children itself and drop their status.
 *
 * <p>A JVM inherits the disposition from whoever started it. See sigaction(2).
 */
final class ChildSignal {
  private static final int SIGCHLD = 17;
  private static final long SIG_IGN = 1;
  private static final int SA_NOCLDWAIT = 2;
  private static final int ACTION_SIZE = 32; // handler, flags, restorer, mask
  private static final int MASK_SIZE = 8;

  private ChildSignal() {}

  /** Sets the default disposition, under which nothing happens, where SIGCHLD is ignored. */
  static void makeSureItIsNotIgnored() {
    try (Scratch scratch = Scratch.open()) {
      MemorySegment action = scratch.allocate(ACTION_SIZE);
      check(
          Syscall.call(SyscallNumber.RT_SIGACTION, SIGCHLD, 0, action.address(), MASK_SIZE),
          () -> "rt_sigaction(SIGCHLD, NULL, ..., 8)");
      long handler = action.get(ValueLayout.JAVA_LONG, 0);
      long flags = action.get(ValueLayout.JAVA_LONG, 8);
      if (handler == SIG_IGN || (flags & SA_NOCLDWAIT) != 0) {
        action.fill((byte) 0);
        check(
            Syscall.call(SyscallNumber.RT_SIGACTION, SIGCHLD, action.address(), 0, MASK_SIZE),
            () -> "rt_sigaction(SIGCHLD, {sa_handler=SIG_DFL}, NULL, 8)");
      }
    }
  }
}
