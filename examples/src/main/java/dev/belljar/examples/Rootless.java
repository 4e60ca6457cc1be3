package dev.belljar.examples;

import dev.belljar.Container;
import dev.belljar.Stdio;

/** Starts a container with a USER namespace of its own, as an ordinary user can. */
public final class Rootless {
  private Rootless() {}

  /**
   * Runs the example.
   *
   * @param arguments none
   * @throws InterruptedException when interrupted while waiting
   */
  public static void main(String[] arguments) throws InterruptedException {
    System.out.println("outside: user " + System.getProperty("user.name"));
    try (Container container =
        Container.builder()
            .rootless()
            .command("sh", "-c", "echo inside: $(id); echo id map: $(cat /proc/self/uid_map)")
            .stdout(Stdio.inherit())
            .stderr(Stdio.inherit())
            .start()) {
      container.plan().warnings().forEach(warning -> System.out.println("warning: " + warning));
      System.out.println("exit code " + container.waitFor());
    }
  }
}
