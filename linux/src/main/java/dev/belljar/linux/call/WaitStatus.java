package dev.belljar.linux.call;

import dev.belljar.linux.Signal;

/**
 * How a process ended.
 *
 * @param exited true when it called exit, false when a signal ended it
 * @param value its exit code, 0 to 255, or the signal's number
 * @param coreDumped whether the signal left a core dump
 * @see <a href="https://man7.org/linux/man-pages/man2/waitid.2.html">waitid(2)</a>
 */
public record WaitStatus(boolean exited, int value, boolean coreDumped) {
  private static final int CLD_EXITED = 1;
  private static final int CLD_DUMPED = 3;
  private static final int SIGNALLED = 128;

  /**
   * Reads what waitid(2) tells.
   *
   * @param code {@code si_code}
   * @param status {@code si_status}
   * @return the status
   */
  public static WaitStatus ofSiginfo(int code, int status) {
    return new WaitStatus(code == CLD_EXITED, status, code == CLD_DUMPED);
  }

  /**
   * Reads what wait4(2) tells.
   *
   * @param raw the status word
   * @return the status
   */
  public static WaitStatus ofRaw(int raw) {
    int signal = raw & 0x7f;
    return signal == 0
        ? new WaitStatus(true, raw >> 8 & 0xff, false)
        : new WaitStatus(false, signal, (raw & 0x80) != 0);
  }

  /**
   * Returns the status as shells give it.
   *
   * @return the exit code, or 128 plus the signal's number
   */
  public int code() {
    return exited ? value : SIGNALLED + value;
  }

  /** Says it in words, such as {@code exited with 1} or {@code killed by SIGKILL (9)}. */
  @Override
  public String toString() {
    return exited
        ? "exited with " + value
        : "killed by " + Signal.describe(value) + (coreDumped ? ", core dumped" : "");
  }
}
