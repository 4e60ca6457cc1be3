package dev.belljar;

import static dev.belljar.namespaces.NamespaceType.UTS;

import dev.belljar.linux.testing.FailingSteps;
import java.util.Optional;

/** A program whose container's process stops itself where it should ask for the death signal. */
final class StopsBeforeItIsTied {
  private StopsBeforeItIsTied() {}

  /** Starts it, which does not end by itself. */
  public static void main(String[] arguments) {
    ContainerSpec spec =
        Container.builder().command("sleep", "1000").namespaces(UTS).lenient().build();
    int tie =
        spec.plan().steps().stream().map(Plan.Step::purpose).toList().indexOf("end with the JVM");
    Optional<Throwable> failure = FailingSteps.stopping(tie, spec::start);
    System.out.println(failure); // only when it was not killed meanwhile
  }
}
