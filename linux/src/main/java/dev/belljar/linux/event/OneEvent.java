package dev.belljar.linux.event;

import dev.belljar.linux.uapi.Uapi;
import java.util.concurrent.CompletableFuture;

/** A virtual thread's wait for one descriptor. */
final class OneEvent {
  private OneEvent() {}

  /**
   * Waits.
   *
   * @param nanos how long at most; negative for ever
   * @return false when the time ran out
   */
  static boolean await(EventLoop loop, int fd, int event, long nanos) {
    CompletableFuture<Boolean> happened = new CompletableFuture<>();
    // ONESHOT: else the loop would find it ready again and again until the watch is cancelled.
    int once = event | Uapi.EPOLLONESHOT();
    EventLoop.Watch watch = loop.watch(fd, once, () -> happened.complete(true));
    try {
      if (nanos < 0) {
        return happened.join();
      }
      Timers.Timer timer = loop.schedule(nanos, () -> happened.complete(false));
      try {
        return happened.join();
      } finally {
        timer.cancel();
      }
    } finally {
      watch.cancel();
    }
  }
}
