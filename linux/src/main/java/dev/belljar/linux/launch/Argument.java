package dev.belljar.linux.launch;

/**
 * An operand while its program is being built, when the place of a cell or label may not be known.
 */
@FunctionalInterface
public interface Argument {
  /** Returns the operand; asked when the program is complete. */
  Operand resolve();
}
