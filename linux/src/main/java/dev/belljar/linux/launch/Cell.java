package dev.belljar.linux.launch;

/**
 * Eight bytes of a program that hold a descriptor handed over, or a step's result for later ones.
 *
 * @param name what it holds, for people
 * @param initial its value when the program begins; inputs are overwritten with their descriptor
 * @param input whether it holds a descriptor that the launching process hands over
 */
public record Cell(String name, long initial, boolean input) {
  Cell bare() {
    return new Cell("", input ? 0 : initial, input);
  }
}
