package dev.belljar.rootfs.launch;

import dev.belljar.linux.Descriptor;
import dev.belljar.linux.Errno;
import dev.belljar.linux.LinuxException;
import dev.belljar.linux.call.FileCalls;
import dev.belljar.linux.call.FileDetails;
import dev.belljar.linux.call.MountCalls;
import dev.belljar.linux.call.OpenFlags;
import dev.belljar.linux.syscall.Syscall;
import dev.belljar.linux.syscall.SyscallNumber;
import java.util.function.Supplier;

/**
 * Tells whether file systems belong to this JVM: each belongs to the USER namespace that it was
 * mounted in, and only who has CAP_SYS_ADMIN there can show it through a map of owners.
 *
 * @see <a href="https://man7.org/linux/man-pages/man2/mount_setattr.2.html">mount_setattr(2),
 *     MOUNT_ATTR_IDMAP</a>
 */
final class FileSystemOwner {
  private static final long FIRST_OF_MACHINE = 0xefff_fffdL; // linux/proc_ns.h

  private FileSystemOwner() {}

  /**
   * Tells whether the file system of a mount is this JVM's. What cannot be told is: then it fails
   * where it is mapped.
   *
   * @param copy makes a detached copy of the mount, which is closed here
   */
  static boolean isThisJvm(Supplier<Descriptor> copy) {
    if (Syscall.call(SyscallNumber.GETEUID) != 0) {
      return false; // whatever is mounted where such a JVM is, was so by somebody else
    }
    try (Descriptor user = FileCalls.open("/proc/self/ns/user", OpenFlags.O_RDONLY)) {
      boolean isFirst =
          FileDetails.of(user.number(), new byte[0]).orElseThrow().inode() == FIRST_OF_MACHINE;
      return isFirst || mayMap(copy, user);
    }
  }

  // What is its own cannot be mapped as this JVM's USER has it, for that is no change: EINVAL.
  private static boolean mayMap(Supplier<Descriptor> copy, Descriptor user) {
    try (Descriptor tree = copy.get()) {
      try {
        MountCalls.mapIds(tree.number(), user.number());
        return true;
      } catch (LinuxException e) {
        return !e.is(Errno.EPERM);
      }
    } catch (LinuxException e) {
      return true;
    }
  }
}
