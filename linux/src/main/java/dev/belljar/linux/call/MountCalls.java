package dev.belljar.linux.call;

import static dev.belljar.linux.call.Strace.check;
import static dev.belljar.linux.call.Strace.directory;
import static dev.belljar.linux.call.Strace.quote;

import dev.belljar.linux.BytePath;
import dev.belljar.linux.Descriptor;
import dev.belljar.linux.LinuxException;
import dev.belljar.linux.syscall.Scratch;
import dev.belljar.linux.syscall.Syscall;
import dev.belljar.linux.syscall.SyscallNumber;
import dev.belljar.linux.uapi.Uapi;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Calls that mount file systems in the caller's mount namespace, and unmount them. */
public final class MountCalls {
  private static final int MOUNT_ATTR_SIZE = 32;

  private MountCalls() {}

  /**
   * Copies a mount into a detached one.
   *
   * @param path an absolute path; links are followed
   * @param recursive whether what is mounted below comes along
   * @return the detached mount or tree, which goes when it is closed unless it was placed
   * @throws LinuxException when the kernel refuses
   * @see <a href="https://man7.org/linux/man-pages/man2/open_tree.2.html">open_tree(2)</a>
   */
  public static Descriptor copy(byte[] path, boolean recursive) {
    return copy(Syscall.AT_FDCWD, path, recursive);
  }

  /**
   * Copies the mount that an open file is on, from that file down, into a detached one; see {@link
   * #copy(byte[], boolean)}.
   *
   * @param file the file or directory, which may be open with {@code O_PATH}
   */
  public static Descriptor copy(Descriptor file, boolean recursive) {
    return copy(file.number(), new byte[0], recursive);
  }

  private static Descriptor copy(int dirfd, byte[] path, boolean recursive) {
    int flags =
        Uapi.OPEN_TREE_CLONE()
            | Uapi.OPEN_TREE_CLOEXEC()
            | (path.length == 0 ? Uapi.AT_EMPTY_PATH() : 0)
            | (recursive ? Uapi.AT_RECURSIVE() : 0);
    try (Scratch scratch = Scratch.open()) {
      long tree = Syscall.call(SyscallNumber.OPEN_TREE, dirfd, scratch.string(path), flags);
      check(
          tree,
          () ->
              "open_tree(%s, %s, OPEN_TREE_CLONE|OPEN_TREE_CLOEXEC%s%s)"
                  .formatted(
                      directory(dirfd),
                      quote(path),
                      path.length == 0 ? "|AT_EMPTY_PATH" : "",
                      recursive ? "|AT_RECURSIVE" : ""));
      return FileCalls.own(tree);
    }
  }

  /**
   * Shows the owners of files through the map of a user namespace, in a detached tree of mounts.
   *
   * @param tree the tree
   * @param userNamespace the user namespace, which may not be the machine's first
   * @throws LinuxException when the kernel refuses: EINVAL when one of the file systems cannot,
   *     EPERM without privilege over it
   * @see <a href="https://man7.org/linux/man-pages/man2/mount_setattr.2.html">mount_setattr(2)</a>
   */
  public static void mapIds(int tree, int userNamespace) {
    try (Scratch scratch = Scratch.open()) {
      MemorySegment attributes = scratch.allocate(MOUNT_ATTR_SIZE);
      attributes.set(ValueLayout.JAVA_LONG, 0, Uapi.MOUNT_ATTR_IDMAP());
      attributes.set(ValueLayout.JAVA_LONG, 24, userNamespace);
      check(
          Syscall.call(
              SyscallNumber.MOUNT_SETATTR,
              tree,
              scratch.string(""),
              Uapi.AT_EMPTY_PATH() | Uapi.AT_RECURSIVE(),
              attributes.address(),
              MOUNT_ATTR_SIZE),
          () ->
              "mount_setattr(%d, \"\", AT_EMPTY_PATH|AT_RECURSIVE, {attr_set=MOUNT_ATTR_IDMAP, userns_fd=%d}, %d)"
                  .formatted(tree, userNamespace, MOUNT_ATTR_SIZE));
    }
  }

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
