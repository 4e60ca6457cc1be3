package dev.belljar.namespaces;

import static dev.belljar.linux.call.Strace.check;

import dev.belljar.linux.Descriptor;
import dev.belljar.linux.syscall.Scratch;
import dev.belljar.linux.syscall.Syscall;
import dev.belljar.linux.syscall.SyscallNumber;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Brings {@code lo} up in a namespace of a test. */
final class TestLoopback {
  private static final int SIOCSIFFLAGS = 0x8914;

  private TestLoopback() {}

  static void up(Namespace net) {
    try (Descriptor socket = net.rawSocket(2, 2, 0);
        Scratch scratch = Scratch.open()) {
      MemorySegment request = scratch.allocate(40);
      request.setString(0, "lo");
      request.set(ValueLayout.JAVA_SHORT, 16, (short) 1); // IFF_UP
      check(
          Syscall.call(SyscallNumber.IOCTL, socket.number(), SIOCSIFFLAGS, request.address()),
          () -> "ioctl(..., SIOCSIFFLAGS, ...)");
    }
  }
}
