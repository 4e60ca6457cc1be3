package dev.belljar.linux.event;

import dev.belljar.linux.syscall.Architecture;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * The layout of {@code struct epoll_event}, which is packed on x86-64 only.
 *
 * @see <a href="https://man7.org/linux/man-pages/man2/epoll_ctl.2.html">epoll_ctl(2)</a>
 */
final class EpollEvent {
  private static final boolean PACKED = Architecture.X86_64.isCurrent();
  private static final long DATA = PACKED ? 4 : 8;

  static final long SIZE = DATA + 8;

  private EpollEvent() {}

  static void set(MemorySegment event, int events, long data) {
    event.set(ValueLayout.JAVA_INT, 0, events);
    event.set(ValueLayout.JAVA_LONG_UNALIGNED, DATA, data);
  }

  static int events(MemorySegment array, int index) {
    return array.get(ValueLayout.JAVA_INT_UNALIGNED, index * SIZE);
  }

  static long data(MemorySegment array, int index) {
    return array.get(ValueLayout.JAVA_LONG_UNALIGNED, index * SIZE + DATA);
  }
}
