package dev.belljar.linux.asm;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;

/**
 * What assemblers have in common: a growing piece of code, and branches that are filled in once all
 * labels have their place.
 */
abstract sealed class Assembler permits Aarch64Assembler, X86Assembler {
  private record Branch(int at, Label target, BranchForm form) {}

  /** How a branch instruction holds the distance to its target. */
  interface BranchForm {
    /** Writes the distance from the branch at {@code at} to {@code target} into the code. */
    void patch(byte[] code, int at, int target, Label label);
  }

  private final ByteArrayOutputStream code = new ByteArrayOutputStream();
  private final List<Branch> branches = new ArrayList<>();

  /** Gives the label the place of the next instruction. */
  final void place(Label label) {
    label.bind(code.size());
  }

  /** Returns the code with all branches filled in. */
  final byte[] toBytes() {
    byte[] bytes = code.toByteArray();
    for (Branch branch : branches) {
      branch.form.patch(bytes, branch.at, branch.target.position(), branch.target);
    }
    return bytes;
  }

  final void emit8(int value) {
    code.write(value);
  }

  final void emit32(int value) {
    for (int shift = 0; shift < Integer.SIZE; shift += Byte.SIZE) {
      code.write(value >>> shift);
    }
  }

  /** Says that the next bytes emitted are to be filled in with the distance to a label. */
  final void branchTo(Label target, BranchForm form) {
    branches.add(new Branch(code.size(), target, form));
  }

  /** Returns the value if it is in the range, else throws. */
  static int requireRange(String what, int value, int min, int max) {
    if (value < min || value > max) {
      throw new IllegalArgumentException("%s %d is not in %d..%d".formatted(what, value, min, max));
    }
    return value;
  }
}
