package dev.belljar.linux.asm;

/** A place in the code that branches name, before or after it is known. */
final class Label {
  private static final int UNKNOWN = -1;

  private final String name;
  private int position = UNKNOWN;

  Label(String name) {
    this.name = name;
  }

  boolean isBound() {
    return position != UNKNOWN;
  }

  int position() {
    if (!isBound()) {
      throw new IllegalStateException("label %s is used but nowhere placed".formatted(name));
    }
    return position;
  }

  void bind(int newPosition) {
    if (isBound()) {
      throw new IllegalStateException("label %s is placed twice".formatted(name));
    }
    position = newPosition;
  }

  @Override
  public String toString() {
    return name;
  }
}
