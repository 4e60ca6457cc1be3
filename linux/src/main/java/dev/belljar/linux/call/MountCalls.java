package dev.belljar.linux.call;

import static dev.belljar.linux.call.Strace.check;
import static dev.belljar.linux.call.Strace.quote;

import dev.belljar.linux.BytePath;
import dev.belljar.linux.LinuxException;
import dev.belljar.linux.syscall.Scratch;
import dev.belljar.linux.syscall.Syscall;
import dev.belljar.linux.syscall.SyscallNumber;

/** Calls that mount file systems in the caller's mount namespace, and unmount them. */
public final class MountCalls {
  private MountCalls() {}

  /**
   * Mounts a file system.
   *
   * @param source what is shown as its source
   * @param target where
   * @param type the file system's type, such as {@code cgroup2}
   * @param flags {@code MS_*}
   * @param data options of the file system, with commas between them; empty for none
   * @throws LinuxException when the kernel refuses
   * @see <a href="https://man7.org/linux/man-pages/man2/mount.2.html">mount(2)</a>
   */
  public static void mount(String source, BytePath target, String type, int flags, String data) {
    try (Scratch scratch = Scratch.open()) {
      check(
          Syscall.call(
              SyscallNumber.MOUNT,
              scratch.string(source),
              scratch.string(target.bytes()),
              scratch.string(type),
              flags,
              scratch.string(data)),
          () ->
              "mount(\"%s\", %s, \"%s\", 0x%x, \"%s\")"
                  .formatted(source, quote(target.bytes()), type, flags, data));
    }
  }

  /**
   * Unmounts the file system that is topmost at a place.
   *
   * @param target where
   * @param flags {@code MNT_*} and {@code UMOUNT_*}
   * @throws LinuxException when the kernel refuses: EBUSY when it is in use
   * @see <a href="https://man7.org/linux/man-pages/man2/umount.2.html">umount2(2)</a>
   */
  public static void unmount(BytePath target, int flags) {
    try (Scratch scratch = Scratch.open()) {
      check(
          Syscall.call(SyscallNumber.UMOUNT2, scratch.string(target.bytes()), flags),
          () -> "umount2(%s, 0x%x)".formatted(quote(target.bytes()), flags));
    }
  }
}
