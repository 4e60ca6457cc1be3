package dev.belljar.linux.call;

import dev.belljar.linux.syscall.Architecture;
import java.util.ArrayList;
import java.util.List;

/**
 * The {@code O_*} flags of open(2), some of which differ between architectures.
 *
 * <p>See {@code include/uapi/asm-generic/fcntl.h} and {@code arch/arm64/include/uapi/asm/fcntl.h}.
 */
public final class OpenFlags {
  public static final int O_RDONLY = 0;
  public static final int O_WRONLY = 1;
  public static final int O_RDWR = 2;
  public static final int O_CREAT = 0x40;
  public static final int O_EXCL = 0x80;
  public static final int O_NOCTTY = 0x100;
  public static final int O_TRUNC = 0x200;
  public static final int O_APPEND = 0x400;
  public static final int O_NONBLOCK = 0x800;
  public static final int O_CLOEXEC = 0x80000;
  public static final int O_PATH = 0x200000;

  private static final boolean ARM = Architecture.AARCH64.isCurrent();

  public static final int O_DIRECTORY = ARM ? 0x4000 : 0x10000;
  public static final int O_NOFOLLOW = ARM ? 0x8000 : 0x20000;
  public static final int O_TMPFILE = 0x400000 | O_DIRECTORY;

  private OpenFlags() {}

  /**
   * Prints flags as strace does.
   *
   * @param flags the flags
   * @return such as {@code O_RDONLY|O_CLOEXEC}
   */
  public static String text(int flags) {
    List<String> names = new ArrayList<>();
    int rest = flags;
    names.add(
        switch (flags & 3) {
          case O_WRONLY -> "O_WRONLY";
          case O_RDWR -> "O_RDWR";
          default -> "O_RDONLY";
        });
    rest &= ~3;
    rest = take(names, rest, O_TMPFILE, "O_TMPFILE");
    rest = take(names, rest, O_CREAT, "O_CREAT");
    rest = take(names, rest, O_EXCL, "O_EXCL");
    rest = take(names, rest, O_NOCTTY, "O_NOCTTY");
    rest = take(names, rest, O_TRUNC, "O_TRUNC");
    rest = take(names, rest, O_APPEND, "O_APPEND");
    rest = take(names, rest, O_NONBLOCK, "O_NONBLOCK");
    rest = take(names, rest, O_DIRECTORY, "O_DIRECTORY");
    rest = take(names, rest, O_NOFOLLOW, "O_NOFOLLOW");
    rest = take(names, rest, O_CLOEXEC, "O_CLOEXEC");
    rest = take(names, rest, O_PATH, "O_PATH");
    if (rest != 0) {
      names.add("0x" + Integer.toHexString(rest));
    }
    return String.join("|", names);
  }

  private static int take(List<String> names, int rest, int flag, String name) {
    if ((rest & flag) != flag) {
      return rest;
    }
    names.add(name);
    return rest & ~flag;
  }
}
