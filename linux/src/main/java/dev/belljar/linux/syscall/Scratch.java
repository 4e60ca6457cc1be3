package dev.belljar.linux.syscall;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * Native memory for the operands of a few system calls, given back by {@link #close()}.
 *
 * <p>It comes from a block that the thread keeps, so that a start does not pay for {@code malloc},
 * or that a virtual thread borrows; what does not fit gets an arena of its own. Scratches of one
 * thread are closed in the reverse order of their opening.
 */
public final class Scratch implements AutoCloseable {
  private static final int BLOCK_SIZE = 16 << 10;
  private static final ThreadLocal<Block> BLOCK = ThreadLocal.withInitial(Block::new);

  /** Blocks for virtual threads, of which there may be thousands that make a call now and then. */
  private static final Queue<Block> LENT = new ConcurrentLinkedQueue<>();

  private final Block block;
  private final int mark;
  private final boolean lent;
  private Arena overflow;
  private boolean returned;

  /** Memory that is given out from its beginning. */
  static final class Block {
    private final MemorySegment memory;
    private int used;

    private Block() {
      this(Arena.ofAuto().allocate(BLOCK_SIZE, 64));
    }

    Block(MemorySegment memory) {
      this.memory = memory;
    }
  }

  private Scratch(Block block, boolean lent) {
    this.block = block;
    this.mark = block.used;
    this.lent = lent;
  }

  /**
   * Opens a scratch for the calling thread.
   *
   * @return the scratch, to be closed by the same thread
   */
  public static Scratch open() {
    Elsewhere elsewhere = Elsewhere.ofThread();
    if (elsewhere != null) {
      return new Scratch(elsewhere.block(), false);
    }
    if (!Thread.currentThread().isVirtual()) {
      return new Scratch(BLOCK.get(), false);
    }
    Block block = LENT.poll();
    return new Scratch(block == null ? new Block() : block, true);
  }

  /**
   * Allocates zeroed memory, aligned to 8 bytes.
   *
   * @param size bytes
   * @return the memory, valid until this scratch is closed
   */
  public MemorySegment allocate(long size) {
    if (size > block.memory.byteSize() - block.used) {
      if (overflow == null) {
        overflow = Arena.ofConfined();
      }
      return overflow.allocate(size, 8);
    }
    MemorySegment memory = block.memory.asSlice(block.used, size);
    block.used = (int) (block.used + size + 7) & -8;
    memory.fill((byte) 0);
    return memory;
  }

  /**
   * Copies a string into memory, with the NUL that C wants at its end.
   *
   * @param bytes the string, without a NUL
   * @return its address
   */
  public long string(byte[] bytes) {
    MemorySegment memory = allocate(bytes.length + 1L);
    MemorySegment.copy(bytes, 0, memory, ValueLayout.JAVA_BYTE, 0, bytes.length);
    return memory.address();
  }

  /**
   * Copies a string into memory as UTF-8, with the NUL that C wants at its end.
   *
   * @param text the string, without a NUL
   * @return its address
   */
  public long string(String text) {
    return string(text.getBytes(StandardCharsets.UTF_8));
  }

  /** Gives the memory back. */
  @Override
  public void close() {
    block.used = mark;
    if (overflow != null) {
      overflow.close();
      overflow = null;
    }
    if (lent && !returned) {
      returned = true;
      LENT.add(block);
    }
  }
}
