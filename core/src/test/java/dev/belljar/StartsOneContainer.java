package dev.belljar;

import java.util.stream.Collectors;

/** A program that starts a container and prints what came of it. */
final class StartsOneContainer {
  private StartsOneContainer() {}

  /** Prints the signal state of the command and its code, or what was thrown. */
  public static void main(String[] arguments) {
    try {
      try (Container container =
          Container.builder().command("sh", "-c", "cat /proc/self/status; exit 7").start()) {
        Outcome outcome = Outcome.of(container.process());
        System.out.println(
            outcome
                .out()
                .lines()
                .filter(line -> line.startsWith("Sig") && !line.startsWith("SigQ"))
                .collect(Collectors.joining("\n")));
        System.out.println(outcome.status());
      }
      Belljar.shutdown();
    } catch (RuntimeException failure) {
      System.out.println(failure.getClass().getName() + ": " + failure.getMessage());
    }
  }
}
