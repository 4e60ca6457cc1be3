package dev.belljar.cgroups.stats;

import dev.belljar.linux.LinuxException;
import dev.belljar.linux.call.FileCalls;
import dev.belljar.linux.syscall.Syscall;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;

/**
 * The text of a control file, read with one call into memory that the thread keeps.
 *
 * <p>The kernel writes to native memory, and the parsers read a copy in the heap: for text of
 * control files, of some kilobytes, the copy takes less time than it saves in checks.
 */
final class FileText {
  /** Bytes after the text that may be looked at, though they mean nothing. */
  static final int SLACK = Long.BYTES;

  private static final int FIRST_SIZE = 8 << 10;
  private static final ThreadLocal<FileText> OF_THREAD = ThreadLocal.withInitial(FileText::new);

  private ByteBuffer memory; // a segment would make an object for each copy out of it
  private long address;
  private byte[] bytes;
  private int length;

  private FileText() {
    resize(FIRST_SIZE);
  }

  /** The memory of the calling thread. */
  static FileText ofThread() {
    return OF_THREAD.get();
  }

  private void resize(int size) {
    memory = ByteBuffer.allocateDirect(size);
    address = MemorySegment.ofBuffer(memory).address();
    bytes = new byte[size + SLACK];
  }

  /**
   * Reads a whole file.
   *
   * @throws LinuxException when the kernel refuses: ENODEV when the group is gone
   */
  void read(StatFile file) {
    while (true) {
      int size = memory.capacity();
      long count = FileCalls.readStart(file.fd(), address, size);
      if (Syscall.failed(count)) {
        throw file.failure(count, size);
      }
      if (count < size) {
        length = (int) count;
        memory.get(0, bytes, 0, length);
        return;
      }
      resize(Math.multiplyExact(size, 2)); // there may be more
    }
  }

  /** What was read last, followed by {@link #SLACK} bytes at least. */
  byte[] bytes() {
    return bytes;
  }

  /** How much was read last. */
  int length() {
    return length;
  }
}
