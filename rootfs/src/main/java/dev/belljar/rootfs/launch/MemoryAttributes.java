package dev.belljar.rootfs.launch;

import dev.belljar.linux.Descriptor;
import dev.belljar.linux.Errno;
import dev.belljar.linux.LinuxException;
import dev.belljar.linux.call.AttributeCalls;
import dev.belljar.linux.call.FileCalls;
import dev.belljar.linux.syscall.Scratch;
import dev.belljar.linux.syscall.Syscall;
import dev.belljar.linux.syscall.SyscallNumber;

/**
 * Whether file systems in memory have the attributes that an overlay of an ordinary user writes.
 *
 * <p>Without them such an overlay can be mounted, and then fails at some operations: a directory of
 * the lower layer cannot be removed (EIO), nothing can be renamed (EXDEV).
 */
final class MemoryAttributes {
  private static final int MFD_CLOEXEC = 1;

  private static volatile Boolean supported;

  private MemoryAttributes() {}

  /** Tries it on a file in memory, once. */
  static boolean supported() {
    Boolean known = supported;
    if (known == null) {
      known = look();
      supported = known;
    }
    return known;
  }

  private static boolean look() {
    long fd;
    try (Scratch scratch = Scratch.open()) {
      fd = Syscall.call(SyscallNumber.MEMFD_CREATE, scratch.string("belljar"), MFD_CLOEXEC);
    }
    if (Syscall.failed(fd)) {
      return true; // it cannot be told; a failure is explained where it happens
    }
    try (Descriptor file = FileCalls.own(fd)) {
      AttributeCalls.set(file.number(), "user.belljar", "y");
      return true;
    } catch (LinuxException e) {
      if (e.is(Errno.EOPNOTSUPP)) {
        return false;
      }
      throw e;
    }
  }
}
