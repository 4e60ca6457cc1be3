package dev.belljar;

import dev.belljar.linux.Errno;
import dev.belljar.linux.LinuxException;
import java.util.Optional;

/**
 * Thrown when a container could not be started or controlled.
 *
 * <p>The message is one sentence: what was being done, the call with its arguments, the errno by
 * name and number, and a remedy where one is known. Failures of the clean-up are suppressed
 * exceptions.
 */
public final class ContainerException extends RuntimeException {
  private static final long serialVersionUID = 1;

  /** What the kernel refused, also the cause. */
  private final LinuxException failure;

  ContainerException(String doing, LinuxException failure) {
    super(doing + ": " + failure.getMessage(), failure);
    this.failure = failure;
  }

  /**
   * Returns the errno of the call that failed.
   *
   * @return the errno; empty when no call failed, such as when the process was killed
   */
  public Optional<Errno> error() {
    return failure.error();
  }

  /**
   * Returns the call that failed, as strace would print it.
   *
   * @return such as {@code mkdirat(5, "belljar-1", 0755)}
   */
  public String call() {
    return failure.call();
  }

  /**
   * Returns what can be done about it.
   *
   * @return the remedy; empty when none is known
   */
  public Optional<String> remedy() {
    return failure.remedy();
  }
}
