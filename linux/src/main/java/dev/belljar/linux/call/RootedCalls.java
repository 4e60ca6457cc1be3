package dev.belljar.linux.call;

import static dev.belljar.linux.call.Strace.check;
import static dev.belljar.linux.call.Strace.quote;

import dev.belljar.linux.Descriptor;
import dev.belljar.linux.syscall.Scratch;
import dev.belljar.linux.syscall.Syscall;
import dev.belljar.linux.syscall.SyscallNumber;
import dev.belljar.linux.uapi.Uapi;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Opens paths in a tree that somebody else may be changing, and never leaves the tree. */
public final class RootedCalls {
  // Any rename on the machine while ".." is being walked makes the kernel give up with EAGAIN.
  private static final int MOST_TRIES = 1_000;
  private static final int OPEN_HOW_SIZE = 24;

  private RootedCalls() {}

  /**
   * Opens a file as if a directory were the root directory: symbolic links and {@code ..} are kept
   * below it by the kernel, the magic links of /proc are refused.
   *
   * @param root the directory
   * @param path the path in it, absolute or not
   * @param flags {@link OpenFlags} that create nothing; {@code O_CLOEXEC} is added
   * @return the descriptor
   * @throws LinuxException when the kernel refuses; EAGAIN when files were being renamed at each of
   *     1,000 tries
   * @see <a href="https://man7.org/linux/man-pages/man2/openat2.2.html">openat2(2)</a>
   */
  public static Descriptor open(int root, byte[] path, int flags) {
    int all = flags | OpenFlags.O_CLOEXEC;
    try (Scratch scratch = Scratch.open()) {
      MemorySegment how = scratch.allocate(OPEN_HOW_SIZE);
      how.set(ValueLayout.JAVA_LONG, 0, all);
      how.set(ValueLayout.JAVA_LONG, 8, 0);
      how.set(ValueLayout.JAVA_LONG, 16, Uapi.RESOLVE_IN_ROOT() | Uapi.RESOLVE_NO_MAGICLINKS());
      long name = scratch.string(path);
      long fd;
      int tries = 0;
      do {
        fd = Syscall.call(SyscallNumber.OPENAT2, root, name, how.address(), OPEN_HOW_SIZE);
      } while (fd == -Uapi.EINTR() || fd == -Uapi.EAGAIN() && ++tries < MOST_TRIES);
      check(
          fd,
          () ->
              "openat2(%d, %s, {flags=%s, resolve=RESOLVE_IN_ROOT|RESOLVE_NO_MAGICLINKS})"
                  .formatted(root, quote(path), OpenFlags.text(all)));
      return FileCalls.own(fd);
    }
  }

  /**
   * Opens a file below a directory that is given by its path; see {@link #open(int, byte[], int)}.
   *
   * @param root the path of the directory, whose links are followed
   */
  public static Descriptor open(byte[] root, byte[] path, int flags) {
    int directory = OpenFlags.O_PATH | OpenFlags.O_DIRECTORY;
    try (Descriptor base = FileCalls.open(Syscall.AT_FDCWD, root, directory, 0)) {
      return open(base.number(), path, flags);
    }
  }
}
