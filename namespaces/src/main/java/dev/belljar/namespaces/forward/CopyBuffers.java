package dev.belljar.namespaces.forward;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * Buffers that are borrowed between two calls of the kernel and never while a thread waits: so
 * there are as many as threads that run.
 */
final class CopyBuffers {
  /** As much as the largest datagram has. */
  static final int SIZE = 1 << 16;

  private final ConcurrentLinkedQueue<MemorySegment> free = new ConcurrentLinkedQueue<>();

  MemorySegment take() {
    MemorySegment buffer = free.poll();
    return buffer == null ? Arena.ofAuto().allocate(SIZE, 64) : buffer;
  }

  void giveBack(MemorySegment buffer) {
    free.add(buffer);
  }
}
