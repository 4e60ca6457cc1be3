package dev.belljar.linux.event;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belljar.linux.syscall.Architecture;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.Test;

class EpollEventTest {
  @Test
  void isPackedOnX86Only() {
    assertThat(EpollEvent.SIZE).isEqualTo(Architecture.X86_64.isCurrent() ? 12 : 16);
  }

  @Test
  void whatWasSetCanBeReadInAnArray() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment array = arena.allocate(EpollEvent.SIZE * 3, 8);
      EpollEvent.set(array.asSlice(EpollEvent.SIZE * 2), 1, 0x1122_3344_5566_7788L);

      assertThat(EpollEvent.events(array, 2)).isEqualTo(1);
      assertThat(EpollEvent.data(array, 2)).isEqualTo(0x1122_3344_5566_7788L);
      assertThat(EpollEvent.data(array, 1)).isZero();
      assertThat(array.get(ValueLayout.JAVA_LONG_UNALIGNED, array.byteSize() - 8))
          .isEqualTo(0x1122_3344_5566_7788L);
    }
  }
}
