package dev.belljar.linux.launch;

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
        if (second != failure) {
          failure.addSuppressed(second);
        }
      }
    }
  }
}
