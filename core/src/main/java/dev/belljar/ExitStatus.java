package dev.belljar;

import dev.belljar.linux.Signal;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * How a process of a container ended.
 *
 * @param code the exit code, 0 to 255; for a process ended by a signal 128 plus the signal's
 *     number, as shells give it; -1 when the kernel did not tell, since somebody else had reaped
 *     the process
 * @param signalNumber the number of the signal that ended it; empty when it exited by itself
 * @param oomKilled whether the kernel killed a process of the container because its memory limit
 *     was reached, as the group's own counter says; for a command that was put into a running
 *     container, whether that happened between its start and its end, and it failed
 * @param timedOut whether the container was killed because its time was over
 */
public record ExitStatus(int code, OptionalInt signalNumber, boolean oomKilled, boolean timedOut) {
  static final int UNKNOWN_CODE = -1;

  /**
   * Returns the signal that ended the process.
   *
   * @return the signal; empty when it exited by itself, or the signal is a real-time one
   */
  public Optional<Signal> signal() {
    return signalNumber.isEmpty() ? Optional.empty() : Signal.of(signalNumber.getAsInt());
  }

  /**
   * Tells whether the process exited by itself with code 0.
   *
   * @return true for success
   */
  public boolean isSuccess() {
    return code == 0;
  }

  /** Says it in words, such as {@code killed by SIGKILL, out of memory}. */
  @Override
  public String toString() {
    String how =
        code == UNKNOWN_CODE
            ? "ended with a status that nobody saw"
            : signalNumber.isPresent()
                ? "killed by " + Signal.describe(signalNumber.getAsInt())
                : "exited with " + code;
    return how + (oomKilled ? ", out of memory" : "") + (timedOut ? ", its time was over" : "");
  }
}
