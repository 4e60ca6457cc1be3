package dev.belljar.program;

import static dev.belljar.linux.call.Strace.check;

import dev.belljar.linux.Errno;
import dev.belljar.linux.LinuxException;
import dev.belljar.linux.call.FileCalls;
import dev.belljar.linux.syscall.Scratch;
import dev.belljar.linux.syscall.Syscall;
import dev.belljar.linux.syscall.SyscallNumber;
import dev.belljar.linux.uapi.Uapi;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;

/**
 * What this JVM may do, read once: who it runs as, and with which capabilities.
 *
 * @param uid its effective user id
 * @param gid its effective group id
 * @param capabilities its effective capabilities
 * @param setgroups whether its USER namespace allows setgroups(2), there and in all below
 */
public record Privileges(long uid, long gid, long capabilities, boolean setgroups) {
  private static final String SETGROUPS = "/proc/self/setgroups";
  private static final int CAPABILITY_VERSION_3 = 0x20080522;

  private static final class Holder {
    static final Privileges CURRENT = read();
  }

  /** Returns those of this JVM, as they were at the first call. */
  public static Privileges current() {
    return Holder.CURRENT;
  }

  /** Tells whether it may make namespaces and mounts without a USER namespace of its own. */
  public boolean mayAdministrate() {
    return (capabilities >> Uapi.CAP_SYS_ADMIN() & 1) != 0;
  }

  private static Privileges read() {
    long uid = Syscall.call(SyscallNumber.GETEUID);
    long gid = Syscall.call(SyscallNumber.GETEGID);
    try (Scratch scratch = Scratch.open()) {
      MemorySegment header = scratch.allocate(8);
      header.set(ValueLayout.JAVA_INT, 0, CAPABILITY_VERSION_3);
      MemorySegment data = scratch.allocate(24); // twice effective, permitted, inheritable
      check(
          Syscall.call(SyscallNumber.CAPGET, header.address(), data.address()),
          () -> "capget({_LINUX_CAPABILITY_VERSION_3, 0}, ...)");
      long low = data.get(ValueLayout.JAVA_INT, 0) & 0xffffffffL;
      long high = data.get(ValueLayout.JAVA_INT, 12) & 0xffffffffL;
      return new Privileges(uid, gid, high << 32 | low, !isDenied());
    }
  }

  private static boolean isDenied() {
    try {
      byte[] said = FileCalls.readFile(Syscall.AT_FDCWD, SETGROUPS);
      return new String(said, StandardCharsets.US_ASCII).startsWith("deny");
    } catch (LinuxException e) {
      if (e.is(Errno.ENOENT)) {
        return false; // a kernel without USER namespaces, or no /proc
      }
      throw e;
    }
  }
}
