package dev.belljar.linux.syscall;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class ScratchTest {
  static final int BLOCK = 16 << 10;

  @Property(tries = 200)
  void memoryIsZeroAlignedAndNobodyElses(
      @ForAll @Size(max = 20) List<@IntRange(max = BLOCK / 4) Integer> sizes) {
    try (Scratch scratch = Scratch.open()) {
      List<MemorySegment> given = new ArrayList<>();
      for (int size : sizes) {
        MemorySegment memory = scratch.allocate(size);
        assertThat(memory.byteSize()).isEqualTo(size);
        assertThat(memory.address() % 8).isZero();
        assertThat(memory.toArray(ValueLayout.JAVA_BYTE)).containsOnly(new byte[size]);
        memory.fill((byte) given.size());
        given.add(memory);
      }
      for (int i = 0; i < given.size(); i++) {
        byte number = (byte) i;
        assertThat(given.get(i).toArray(ValueLayout.JAVA_BYTE))
            .satisfiesAnyOf(
                bytes -> assertThat(bytes).isEmpty(),
                bytes -> assertThat(bytes).containsOnly(number));
      }
    }
  }

  @Test
  void memoryIsGivenBackOnClosing() {
    long first;
    try (Scratch scratch = Scratch.open()) {
      first = scratch.allocate(100).address();
    }
    try (Scratch scratch = Scratch.open()) {
      assertThat(scratch.allocate(8).address()).isEqualTo(first);
    }
  }

  @Test
  void aNestedScratchLeavesTheOuterOnesMemoryAlone() {
    try (Scratch outer = Scratch.open()) {
      MemorySegment kept = outer.allocate(8);
      kept.fill((byte) 7);
      try (Scratch inner = Scratch.open()) {
        inner.allocate(8).fill((byte) 1);
        inner.allocate(BLOCK).fill((byte) 2);
      }
      outer.allocate(8).fill((byte) 3);

      assertThat(kept.toArray(ValueLayout.JAVA_BYTE)).containsOnly(7);
    }
  }

  @Test
  void whatDoesNotFitIsFreedWithTheScratch() {
    MemorySegment large;
    try (Scratch scratch = Scratch.open()) {
      large = scratch.allocate(BLOCK + 1L);
      assertThat(large.byteSize()).isEqualTo(BLOCK + 1L);
      assertThat(scratch.allocate(8).address() % 8).isZero();
    }
    assertThatIllegalStateException().isThrownBy(() -> large.fill((byte) 1));
  }

  @Test
  void theBlockCanBeUsedToItsLastByte() {
    try (Scratch scratch = Scratch.open()) {
      MemorySegment first = scratch.allocate(BLOCK - 3);
      MemorySegment second = scratch.allocate(8);
      first.fill((byte) 1);

      assertThat(second.toArray(ValueLayout.JAVA_BYTE)).containsOnly(0);
    }
  }

  @Test
  void stringsEndWithNulAndAreUtf8() {
    try (Scratch scratch = Scratch.open()) {
      long address = scratch.string("é");
      byte[] bytes = MemorySegment.ofAddress(address).reinterpret(3).toArray(ValueLayout.JAVA_BYTE);

      assertThat(bytes).containsExactly(0xc3, 0xa9, 0);
    }
  }
}
