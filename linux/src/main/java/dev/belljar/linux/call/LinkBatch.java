package dev.belljar.linux.call;

import dev.belljar.linux.BytePath;
import dev.belljar.linux.LinuxException;
import dev.belljar.linux.syscall.Syscall;
import dev.belljar.linux.syscall.SyscallNumber;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/**
 * Makes many symbolic links. They are collected, and their texts go into native memory at once, so
 * that of each there is little left but its call.
 *
 * @see <a href="https://man7.org/linux/man-pages/man2/symlink.2.html">symlinkat(2)</a>
 */
public final class LinkBatch implements AutoCloseable {
  private static final int ROOM = 32 << 10;
  private static final int MOST = 256;

  private final Arena arena = Arena.ofConfined();
  private final MemorySegment memory = arena.allocate(ROOM);
  private final byte[] texts = new byte[ROOM];
  private final int[] names = new int[MOST];
  private final int[] ends = new int[MOST];
  private int count;
  private int used;

  /**
   * Adds a link, which is made now or later.
   *
   * @param dirfd the directory; all that were added since the last {@link #make} have the same
   * @throws LinuxException when one that was added before cannot be made
   */
  public void add(BytePath target, int dirfd, BytePath name) {
    int length = target.length() + name.length() + 2;
    if (length > ROOM) { // which the kernel will not take
      NodeCalls.symlink(target.bytes(), dirfd, name.bytes());
      return;
    }
    if (count == MOST || used + length > ROOM) {
      make(dirfd);
    }
    names[count] = copy(target, used);
    used = copy(name, names[count]);
    ends[count++] = used;
  }

  private int copy(BytePath text, int offset) {
    int end = text.copyTo(texts, offset);
    texts[end] = 0;
    return end + 1;
  }

  /**
   * Makes what was added and not yet made.
   *
   * @param dirfd the directory
   * @throws LinuxException when the kernel refuses one; those behind it are not made
   */
  public void make(int dirfd) {
    MemorySegment.copy(texts, 0, memory, ValueLayout.JAVA_BYTE, 0, used);
    long address = memory.address();
    long target = address;
    for (int i = 0; i < count; i++) {
      long result = Syscall.call(SyscallNumber.SYMLINKAT, target, dirfd, address + names[i]);
      if (Syscall.failed(result)) {
        throw failure(result, i, dirfd);
      }
      target = address + ends[i];
    }
    count = 0;
    used = 0;
  }

  private LinuxException failure(long result, int i, int dirfd) {
    byte[] target = text(i == 0 ? 0 : ends[i - 1], names[i]);
    byte[] name = text(names[i], ends[i]);
    return new LinuxException((int) -result, NodeCalls.symlinkCall(target, dirfd, name));
  }

  private byte[] text(int from, int to) {
    return Arrays.copyOfRange(texts, from, to - 1);
  }

  @Override
  public void close() {
    arena.close();
  }
}
