package dev.belljar.linux.call;

/** Clean-up on the way out of a failure, whose own failures are added to the first one. */
public final class Closing {
  private Closing() {}

  /**
   * Closes resources in the order given, all of them.
   *
   * @param failure what is being thrown; failures of closing become its suppressed exceptions
   * @param resources what to close; null elements are skipped
   */
  @SuppressWarnings("ReferenceEquality") // an exception must not suppress itself
  public static void after(Throwable failure, AutoCloseable... resources) {
    for (AutoCloseable resource : resources) {
      if (resource == null) {
        continue;
      }
      try {
        resource.close();
      } catch (Exception | Error second) {
        first(failure, second);
      }
    }
  }

  /**
   * Joins the failures of clean-up that goes on after a failure.
   *
   * @param earlier what failed before, null if nothing
   * @param later what failed now, which becomes a suppressed exception of the earlier one
   * @return the first failure
   */
  public static <T extends Throwable> T first(T earlier, T later) {
    if (earlier == null) {
      return later;
    }
    if (!earlier.equals(later)) {
      earlier.addSuppressed(later);
    }
    return earlier;
  }

  /**
   * Closes resources in the order given, all of them even when some fail.
   *
   * @param resources what to close
   * @throws RuntimeException the first failure, the others being its suppressed exceptions
   */
  public static void all(Iterable<? extends AutoCloseable> resources) {
    RuntimeException failure = null;
    for (AutoCloseable resource : resources) {
      try {
        resource.close();
      } catch (RuntimeException e) {
        failure = first(failure, e);
      } catch (Exception e) {
        failure = first(failure, new IllegalStateException(e));
      }
    }
    if (failure != null) {
      throw failure;
    }
  }
}
