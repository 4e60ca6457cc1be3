package dev.belljar;

/** A program that sweeps. */
final class SweepsTheNetwork {
  private SweepsTheNetwork() {}

  /** Prints the links that were deleted, and what went wrong. */
  public static void main(String[] arguments) {
    Swept swept = Belljar.sweep();
    System.out.println(swept.links() + " " + swept.failures());
  }
}
