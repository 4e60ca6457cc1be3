package dev.belljar;

/** A program that starts a limited container, and one that may do without its limits. */
final class StartsWithLimits {
  private StartsWithLimits() {}

  /** Prints what was thrown, then the warnings and the status of the lenient one. */
  public static void main(String[] arguments) {
    ContainerBuilder builder =
        Container.builder().command("sh", "-c", "exit 7").memory(64 << 20).pids(20).cpus(0.5);
    try (Container container = builder.start()) {
      System.out.println("started: " + container);
    } catch (RuntimeException failure) {
      System.out.println(failure.getClass().getName() + ": " + failure.getMessage());
    }
    try (Container container = builder.lenient().start()) {
      container.plan().warnings().forEach(warning -> System.out.println("warning: " + warning));
      System.out.println("lenient: " + Outcome.of(container.process()).status());
    }
    Belljar.shutdown();
  }
}
