package dev.belljar.linux.call;

/** Waiting for threads of the library that are about to end. */
public final class Threads {
  private Threads() {}

  /**
   * Waits for the end of a thread. An interrupt does not cut that short; it is seen afterwards.
   *
   * @param thread the thread
   */
  public static void join(Thread thread) {
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
