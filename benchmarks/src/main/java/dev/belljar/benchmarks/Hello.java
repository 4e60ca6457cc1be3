package dev.belljar.benchmarks;

/** A JVM that says hello and ends. */
public final class Hello {
  private Hello() {}

  /** Says hello. */
  public static void main(String[] arguments) {
    System.out.println("hello");
  }
}
