package dev.belljar.namespaces.forward;

import dev.belljar.linux.Descriptor;
import dev.belljar.linux.call.Closing;
import dev.belljar.linux.event.EventLoop;
import dev.belljar.linux.uapi.Uapi;

/**
 * A socket that threads wait for.
 *
 * <p>The event loop tells of it once each time it was asked, and what it is asked for is level
 * triggered: nothing that happened before is missed. While anybody waits for anything, errors are
 * told of too, so that a reset is seen under back-pressure.
 */
final class Endpoint implements AutoCloseable {
  private static final Waiter NOBODY =
      new Waiter() {
        @Override
        public void run() {}
      };

  final int fd;
  private final Descriptor socket;
  private final EventLoop.Watch watch;
  private Waiter reader = NOBODY;
  private Waiter writer = NOBODY;
  private Runnable onError = () -> {};
  private boolean armed;
  private boolean over; // both directions are shut: the kernel would tell of that for ever
  private volatile boolean failed;

  /** Takes charge of a socket. */
  Endpoint(Descriptor socket) {
    this.socket = socket;
    this.fd = socket.number();
    this.watch = EventLoop.shared().watchEvents(fd, this::happened);
  }

  /** Says what to do, besides waking who waits, when the connection fails. */
  synchronized void onError(Runnable action) {
    onError = action;
  }

  /** Whether the connection has failed, as by a reset. */
  boolean hasFailed() {
    return failed;
  }

  void fail() {
    failed = true;
  }

  /** Lets a waiter be woken when there is something to read, an end, or an error. */
  synchronized void wakeWhenReadable(Waiter waiter) {
    reader = waiter;
    arm();
  }

  /** Lets a waiter be woken when there is room to write, or an error. */
  synchronized void wakeWhenWritable(Waiter waiter) {
    writer = waiter;
    arm();
  }

  /** Makes sure that an error is told of, whether anybody waits for this socket or not. */
  synchronized void watchForErrors() {
    if (!armed && !over) {
      arm();
    }
  }

  private void arm() {
    int wanted =
        (isWaiting(reader) ? Uapi.EPOLLIN() : 0) | (isWaiting(writer) ? Uapi.EPOLLOUT() : 0);
    watch.arm(wanted);
    armed = true;
  }

  @SuppressWarnings("ReferenceEquality") // there is one nobody
  private static boolean isWaiting(Waiter waiter) {
    return waiter != NOBODY;
  }

  // On the event loop's thread.
  private void happened(int events) {
    boolean error = (events & Uapi.EPOLLERR()) != 0;
    boolean end = (events & (Uapi.EPOLLERR() | Uapi.EPOLLHUP())) != 0;
    Runnable reaction;
    synchronized (this) {
      armed = false;
      over |= end;
      failed |= error;
      if (end || (events & Uapi.EPOLLIN()) != 0) {
        reader = reader.readable(end) ? NOBODY : reader;
      }
      if (end || (events & Uapi.EPOLLOUT()) != 0) {
        writer.wake();
        writer = NOBODY;
      }
      if (isWaiting(reader) || isWaiting(writer)) {
        arm();
      }
      reaction = error ? onError : () -> {};
    }
    reaction.run();
  }

  @Override
  public void close() {
    try {
      watch.cancel();
    } catch (RuntimeException failure) {
      Closing.after(failure, socket);
      throw failure;
    }
    socket.close();
  }
}
