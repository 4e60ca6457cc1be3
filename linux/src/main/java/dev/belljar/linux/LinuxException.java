package dev.belljar.linux;

import java.util.Objects;
import java.util.Optional;

/**
 * A system call failed.
 *
 * <p>Its message is one sentence: what was being done, the call with its arguments, the error by
 * name and number, and what can be done about it where that is known. An exception is immutable;
 * code that knows more than the place that threw it makes a fuller copy:
 *
 * {@snippet :
 * try {
 *   syscalls.mkdir(path);
 * } catch (LinuxException e) {
 *   throw e.doing("making the group").withRemedy("start the program with Delegate=yes");
 * }
 * // making the group: mkdir("/sys/fs/cgroup/a", 0755) failed: EACCES (13, Permission denied);
 * // start the program with Delegate=yes
 * }
 */
public final class LinuxException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** The number the kernel gave. */
  private final int errno;

  /** The call with its arguments. */
  private final String call;

  /** What was being done, empty when not said. */
  private final String doing;

  /** What the user can do, empty when not known. */
  private final String remedy;

  /**
   * Makes an exception that says what failed and how, and nothing more.
   *
   * @param errno the error number the kernel gave; 0 when the call reported no error but did not do
   *     what was demanded (a short write, an early end of file)
   * @param call the call with its arguments as strace prints it, for example {@code
   *     openat(AT_FDCWD, "/x", O_RDONLY|O_CLOEXEC)}
   */
  public LinuxException(int errno, String call) {
    this(errno, call, "", "");
  }

  /**
   * Makes an exception with everything known.
   *
   * @param errno the error number the kernel gave; 0 when the call reported no error but did not do
   *     what was demanded
   * @param call the call with its arguments as strace prints it
   * @param doing what was being done, for example {@code making the group}; empty when not said
   * @param remedy what the user can do about it; empty when not known
   */
  public LinuxException(int errno, String call, String doing, String remedy) {
    super(sentence(errno, call, doing, remedy));
    this.errno = errno;
    this.call = call;
    this.doing = doing;
    this.remedy = remedy;
  }

  /**
   * Returns the error number the kernel gave.
   *
   * @return a positive number, or 0 when the call reported no error but did not do what was
   *     demanded
   */
  public int errno() {
    return errno;
  }

  /**
   * Returns the error by name.
   *
   * @return the error, or empty when the number is 0 or has no name
   */
  public Optional<Errno> error() {
    return Errno.of(errno);
  }

  /**
   * Tells whether the call failed with the given error.
   *
   * @param error the error to compare with
   * @return true if it is this exception's error
   */
  public boolean is(Errno error) {
    return errno == error.number();
  }

  /**
   * Returns the call that failed, with its arguments as strace prints them.
   *
   * @return for example {@code openat(AT_FDCWD, "/x", O_RDONLY|O_CLOEXEC)}
   */
  public String call() {
    return call;
  }

  /**
   * Returns what was being done when the call failed.
   *
   * @return a phrase such as {@code making the group}, empty when not said
   */
  public String doing() {
    return doing;
  }

  /**
   * Returns what the user can do about the failure.
   *
   * @return a phrase, or empty when nothing is known
   */
  public Optional<String> remedy() {
    return remedy.isEmpty() ? Optional.empty() : Optional.of(remedy);
  }

  /**
   * Returns a copy that says what was being done.
   *
   * <p>The copy has this exception's stack trace, cause and suppressed exceptions, as it reports
   * the same failure.
   *
   * @param doing what was being done; replaces what this exception says
   * @return the fuller exception
   */
  public LinuxException doing(String doing) {
    return copy(doing, remedy);
  }

  /**
   * Returns a copy that says what the user can do about the failure.
   *
   * <p>The copy has this exception's stack trace, cause and suppressed exceptions, as it reports
   * the same failure.
   *
   * @param remedy what to do; replaces what this exception says
   * @return the fuller exception
   */
  public LinuxException withRemedy(String remedy) {
    return copy(doing, remedy);
  }

  private LinuxException copy(String newDoing, String newRemedy) {
    LinuxException copy = new LinuxException(errno, call, newDoing, newRemedy);
    copy.setStackTrace(getStackTrace());
    if (getCause() != null) {
      copy.initCause(getCause());
    }
    for (Throwable each : getSuppressed()) {
      copy.addSuppressed(each);
    }
    return copy;
  }

  private static String sentence(int errno, String call, String doing, String remedy) {
    Objects.requireNonNull(call, "call");
    Objects.requireNonNull(doing, "doing");
    Objects.requireNonNull(remedy, "remedy");
    StringBuilder text = new StringBuilder();
    if (!doing.isEmpty()) {
      text.append(doing).append(": ");
    }
    text.append(call).append(" failed");
    if (errno != 0) {
      text.append(": ").append(Errno.describe(errno));
    }
    if (!remedy.isEmpty()) {
      text.append("; ").append(remedy);
    }
    return text.toString();
  }
}
