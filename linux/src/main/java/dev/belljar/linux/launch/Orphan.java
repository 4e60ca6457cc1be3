package dev.belljar.linux.launch;

import dev.belljar.linux.Descriptor;
import dev.belljar.linux.call.Closing;
import dev.belljar.linux.call.ProcessCalls;
import dev.belljar.linux.uapi.Uapi;

/** A child that could not be taken charge of and must not be left behind. */
final class Orphan {
  private Orphan() {}

  /**
   * Kills and reaps it by its descriptor, which is closed; what fails meanwhile is added to the
   * failure that is being thrown.
   */
  static void end(Throwable failure, Descriptor pidfd) {
    Closing.after(
        failure,
        () -> ProcessCalls.signal(pidfd.number(), Uapi.SIGKILL()),
        () -> ProcessCalls.reapKilled(pidfd.number()),
        pidfd);
  }

  /** Kills and reaps it by its number, which stands for nobody else until it is reaped. */
  static void end(int pid) {
    ProcessCalls.kill(pid, Uapi.SIGKILL());
    ProcessCalls.reapKilledPid(pid);
  }
}
