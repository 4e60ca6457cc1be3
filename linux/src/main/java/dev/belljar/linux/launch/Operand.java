package dev.belljar.linux.launch;

/** What a step hands to its call: a number, or something that is known only in the child. */
public sealed interface Operand extends Argument {
  @Override
  default Operand resolve() {
    return this;
  }

  /**
   * A number known beforehand.
   *
   * @param value the number
   * @param text how strace would print it, such as {@code MS_REC|MS_SLAVE}
   */
  record Literal(long value, String text) implements Operand {
    /** Equal when the numbers are: the text is for people. */
    @Override
    public boolean equals(Object other) {
      return other instanceof Literal literal && literal.value == value;
    }

    @Override
    public int hashCode() {
      return Long.hashCode(value);
    }
  }

  /**
   * The value of a cell when the step runs: a descriptor handed over, or an earlier step's result.
   *
   * @param cell the cell's index
   */
  record CellValue(int cell) implements Operand {}

  /**
   * The address of a cell, 8 bytes a call can read or write.
   *
   * @param cell the cell's index
   */
  record CellAddress(int cell) implements Operand {}

  /**
   * An address inside bytes that the program carries.
   *
   * @param block the block's index
   * @param offset bytes from its beginning
   */
  record BlockAddress(int block, int offset) implements Operand {}

  /** The address of the command's argument vector, behind the descriptor table. */
  record Arguments() implements Operand {}

  /** The address of the environment. */
  record Environment() implements Operand {}

  /**
   * Another step, as the target of a jump.
   *
   * @param step its index
   */
  record Target(int step) implements Operand {}
}
