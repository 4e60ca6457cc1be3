package dev.belljar.namespaces;

import static dev.belljar.linux.call.Strace.check;

import dev.belljar.linux.Descriptor;
import dev.belljar.linux.Errno;
import dev.belljar.linux.LinuxException;
import dev.belljar.linux.call.FileCalls;
import dev.belljar.linux.call.ProcessCalls;
import dev.belljar.linux.syscall.Scratch;
import dev.belljar.linux.syscall.Syscall;
import dev.belljar.linux.syscall.SyscallNumber;
import dev.belljar.linux.uapi.Uapi;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Optional;

/**
 * What the kernel tells of a namespace by its descriptor.
 *
 * @see <a href="https://man7.org/linux/man-pages/man2/ioctl_ns.2.html">ioctl_ns(2)</a>
 */
final class NamespaceCalls {
  private static final int SIOCGSKNS = 0x894c; // include/uapi/linux/sockios.h

  private NamespaceCalls() {}

  static NamespaceType type(Descriptor descriptor, String name) {
    int fd = descriptor.number();
    long flag = Syscall.call(SyscallNumber.IOCTL, fd, Uapi.NS_GET_NSTYPE());
    if (flag == -Uapi.ENOTTY() || flag == -Uapi.EINVAL()) {
      throw new IllegalArgumentException(name + " is not a namespace");
    }
    check(flag, () -> "ioctl(" + fd + ", NS_GET_NSTYPE)");
    return NamespaceType.ofFlag(flag)
        .orElseThrow(
            () -> new IllegalArgumentException(name + " is a namespace of an unknown kind"));
  }

  static void requireAlive(Descriptor pidfd) {
    if (!ProcessCalls.signal(pidfd.number(), 0)) {
      throw new LinuxException(
          Errno.ESRCH.number(), "pidfd_send_signal(" + pidfd.number() + ", 0, NULL, 0)");
    }
  }

  /** Opens the owning USER namespace; empty when it is out of sight. */
  static Optional<Descriptor> owner(Descriptor descriptor) {
    return related(descriptor, Uapi.NS_GET_USERNS(), "NS_GET_USERNS");
  }

  /** Opens the namespace above; empty when there is none in sight. */
  static Optional<Descriptor> parent(Descriptor descriptor) {
    return related(descriptor, Uapi.NS_GET_PARENT(), "NS_GET_PARENT");
  }

  private static Optional<Descriptor> related(Descriptor descriptor, int request, String name) {
    int fd = descriptor.number();
    long found = Syscall.call(SyscallNumber.IOCTL, fd, request);
    if (found == -Uapi.EPERM()) {
      return Optional.empty();
    }
    check(found, () -> "ioctl(" + fd + ", " + name + ")");
    return Optional.of(FileCalls.own(found));
  }

  /** Returns the creator of a USER namespace. */
  static long ownerUid(Descriptor descriptor) {
    int fd = descriptor.number();
    try (Scratch scratch = Scratch.open()) {
      MemorySegment uid = scratch.allocate(8);
      check(
          Syscall.call(SyscallNumber.IOCTL, fd, Uapi.NS_GET_OWNER_UID(), uid.address()),
          () -> "ioctl(" + fd + ", NS_GET_OWNER_UID, ...)");
      return uid.get(ValueLayout.JAVA_INT, 0) & 0xffff_ffffL;
    }
  }

  /** Opens the NET namespace of a socket. */
  static Descriptor ofSocket(Descriptor socket) {
    int fd = socket.number();
    long opened = Syscall.call(SyscallNumber.IOCTL, fd, SIOCGSKNS);
    check(opened, () -> "ioctl(" + fd + ", SIOCGSKNS)");
    return FileCalls.own(opened);
  }
}
