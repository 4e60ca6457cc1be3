package dev.belljar.linux.launch;

import dev.belljar.linux.asm.ControlOperation;
import dev.belljar.linux.syscall.SyscallNumber;
import java.util.Locale;

/** What a step does. */
public sealed interface Operation {
  /** Its name as it is printed. */
  String text();

  /**
   * A system call.
   *
   * @param number which
   */
  record Call(SyscallNumber number) implements Operation {
    @Override
    public String text() {
      return number.toString();
    }
  }

  /** Something the runner does itself: compare and jump, add, load and store. */
  enum Control implements Operation {
    /** Goes to the third operand when the first two are equal. */
    JUMP_EQUAL,
    /** Goes to the third operand when the first two differ. */
    JUMP_NOT_EQUAL,
    /** Goes to the third operand when the first is less than the second, as signed numbers. */
    JUMP_LESS,
    /** Loads 64 bits from the sum of two operands. */
    LOAD64,
    /** Loads 32 bits, without sign, from the sum of two operands. */
    LOAD32,
    /** Stores the third operand's 64 bits at the sum of the first two. */
    STORE64,
    /** Stores the third operand's low 32 bits at the sum of the first two. */
    STORE32,
    /** Adds two operands. */
    ADD,
    /** Fails with the errno that is its operand. */
    FAIL;

    @Override
    public String text() {
      return name().toLowerCase(Locale.ROOT);
    }

    ControlOperation machine() {
      return ControlOperation.values()[ordinal()];
    }
  }
}
