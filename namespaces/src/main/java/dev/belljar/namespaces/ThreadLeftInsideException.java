package dev.belljar.namespaces;

import java.util.List;

/**
 * Code that ran inside a namespace has started threads there, and they are still there.
 *
 * <p>A thread has the namespaces of whoever started it, for good. What was started is not ended by
 * this library: it may be a pool that others use by now.
 */
public final class ThreadLeftInsideException extends IllegalStateException {
  private static final long serialVersionUID = 1L;

  /** The names, immutable. */
  @SuppressWarnings("serial") // List.copyOf is serializable
  private final List<String> threads;

  ThreadLeftInsideException(Namespace namespace, List<String> threads) {
    super(
        "code that ran in "
            + namespace
            + " has left threads there: "
            + String.join(", ", threads)
            + "; let it start none, or end them before it returns");
    this.threads = List.copyOf(threads);
  }

  /**
   * Returns the names of the threads.
   *
   * @return the names
   */
  public List<String> threads() {
    return threads;
  }
}
