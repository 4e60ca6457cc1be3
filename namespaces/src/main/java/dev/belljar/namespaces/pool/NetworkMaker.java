package dev.belljar.namespaces.pool;

import static dev.belljar.linux.call.Strace.check;

import dev.belljar.linux.Descriptor;
import dev.belljar.linux.LinuxException;
import dev.belljar.linux.call.FileCalls;
import dev.belljar.linux.call.OpenFlags;
import dev.belljar.linux.syscall.Scratch;
import dev.belljar.linux.syscall.Syscall;
import dev.belljar.linux.syscall.SyscallNumber;
import dev.belljar.namespaces.Namespace;
import dev.belljar.namespaces.NamespaceType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;

/**
 * Makes network namespaces on the thread that made it, which enters and leaves each, and makes no
 * other use of it: what is first used inside would stay there.
 */
final class NetworkMaker implements AutoCloseable {
  private static final int PRIO_PROCESS = 0; // of a thread, when 0 is given as the process
  private static final int LOWER = 5; // than the thread that made it; 19 is the lowest
  private static final int GIVEN = 20; // the call returns 20 less the priority
  private static final int AF_INET = 2;
  private static final int SOCK_DGRAM_CLOEXEC = 2 | 0x80000;
  private static final int SIOCSIFFLAGS = 0x8914;
  private static final int IFREQ_SIZE = 40;
  private static final int IFREQ_FLAGS = 16;
  private static final short IFF_UP = 1;

  // That of the process, not of whoever happened to start this thread.
  private final Descriptor home = FileCalls.open("/proc/self/ns/net", OpenFlags.O_RDONLY);

  NetworkMaker() {
    // Should one fail, namespaces are made at the usual priority.
    long result = Syscall.call(SyscallNumber.GETPRIORITY, PRIO_PROCESS, 0);
    if (!Syscall.failed(result)) {
      var _ = Syscall.call(SyscallNumber.SETPRIORITY, PRIO_PROCESS, 0, GIVEN - result + LOWER);
    }
  }

  /**
   * Makes a namespace, and brings its {@code lo} up.
   *
   * @throws LinuxException when the kernel refuses; the thread is at home again
   */
  Namespace make() {
    long flag = NamespaceType.NET.flag();
    check(Syscall.call(SyscallNumber.UNSHARE, flag), () -> "unshare(CLONE_NEWNET)");
    try {
      loopbackUp();
      return Namespace.open("/proc/thread-self/ns/net");
    } finally {
      check(
          Syscall.call(SyscallNumber.SETNS, home.number(), flag),
          () -> "setns(" + home.number() + ", CLONE_NEWNET)");
    }
  }

  private static void loopbackUp() {
    try (Scratch scratch = Scratch.open();
        Descriptor socket =
            FileCalls.own(
                check(
                    Syscall.call(SyscallNumber.SOCKET, AF_INET, SOCK_DGRAM_CLOEXEC, 0),
                    () -> "socket(AF_INET, SOCK_DGRAM|SOCK_CLOEXEC, 0)"))) {
      MemorySegment request = scratch.allocate(IFREQ_SIZE);
      request.setString(0, "lo", StandardCharsets.US_ASCII);
      request.set(ValueLayout.JAVA_SHORT, IFREQ_FLAGS, IFF_UP);
      check(
          Syscall.call(SyscallNumber.IOCTL, socket.number(), SIOCSIFFLAGS, request.address()),
          () -> "ioctl(" + socket.number() + ", SIOCSIFFLAGS, {ifr_name=\"lo\", IFF_UP})");
    }
  }

  @Override
  public void close() {
    home.close();
  }
}
