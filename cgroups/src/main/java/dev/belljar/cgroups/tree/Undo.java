package dev.belljar.cgroups.tree;

/** Steps that are all taken, whatever becomes of the others. */
public final class Undo {
  private Undo() {}

  /** Undoes after a failure, which gets what fails in undoing as suppressed. */
  public static void after(Throwable failure, Runnable... steps) {
    for (Runnable step : steps) {
      try {
        step.run();
      } catch (RuntimeException e) {
        failure.addSuppressed(e);
      }
    }
  }

  /** Takes all steps, then throws the first failure, the others suppressed. */
  public static void all(Runnable... steps) {
    RuntimeException first = null;
    for (Runnable step : steps) {
      try {
        step.run();
      } catch (RuntimeException e) {
        if (first == null) {
          first = e;
        } else {
          first.addSuppressed(e);
        }
      }
    }
    if (first != null) {
      throw first;
    }
  }
}
