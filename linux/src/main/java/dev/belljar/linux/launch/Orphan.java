package dev.belljar.linux.launch;

import dev.belljar.linux.Descriptor;
import dev.belljar.linux.call.PollCalls;
import dev.belljar.linux.call.ProcessCalls;
import dev.belljar.linux.uapi.Uapi;

/** A child that could not be taken charge of and must not be left behind. */
final class Orphan {
  private Orphan() {}

  /** Kills and reaps it; what fails meanwhile is added to the failure that is being thrown. */
  static void end(Throwable failure, Descriptor pidfd) {
    Closing.after(
        failure,
        () -> ProcessCalls.signal(pidfd.number(), Uapi.SIGKILL()),
        () -> PollCalls.awaitReadable(pidfd.number(), -1),
        () -> ProcessCalls.reap(pidfd.number()),
        pidfd);
  }
}
