package dev.belljar.namespaces.names;

import dev.belljar.linux.call.Threads;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The threads that ask others on behalf of datagrams: a bounded number, since any container can
 * send as many as it likes.
 */
final class Askers implements AutoCloseable {
  static final int MOST = 32;

  private final Set<Thread> running = new HashSet<>();
  private boolean closed;

  /**
   * Begins to ask, on a thread of its own; does nothing when there are too many, or no thread can
   * be had, or this is closed.
   *
   * @param asking what to do
   */
  void start(Runnable asking) {
    Thread asker =
        NameServer.thread(
            () -> {
              try {
                asking.run();
              } finally {
                ended();
              }
            },
            "belljar-name");
    synchronized (this) {
      if (closed || running.size() >= MOST) {
        return;
      }
      running.add(asker);
      try {
        asker.start();
      } catch (OutOfMemoryError noThread) { // the user's or the group's threads are used up
        running.remove(asker);
      }
    }
  }

  private synchronized void ended() {
    running.remove(Thread.currentThread());
  }

  /** Waits until all have ended; what they do is to be ended before. */
  @Override
  public void close() {
    List<Thread> threads;
    synchronized (this) {
      closed = true;
      threads = List.copyOf(running);
    }
    threads.forEach(Threads::join);
  }
}
