package dev.belljar.linux.launch;

import dev.belljar.linux.Descriptor;
import dev.belljar.linux.Errno;
import dev.belljar.linux.LinuxException;
import dev.belljar.linux.call.PollCalls;
import dev.belljar.linux.call.ProcessCalls;
import dev.belljar.linux.call.WaitStatus;
import dev.belljar.linux.event.EventLoop;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.IntConsumer;

/**
 * A child process of this JVM, held by its pidfd and reaped as it dies.
 *
 * <p>The event loop reaps it, or whoever waits for it and sees its end first; never by a wait for
 * any child, which would steal those of {@link ProcessBuilder}. Its pidfd is closed with the last
 * use after its end.
 */
public final class Child {
  private final int pid;
  private final Descriptor pidfd;
  private final EventLoop.Watch watch;
  private final CompletableFuture<Optional<WaitStatus>> exit = new CompletableFuture<>();
  private int users;
  private boolean reaped;

  /**
   * Takes charge of a child.
   *
   * @param pid its number in this JVM's PID namespace
   * @param pidfd its descriptor, which becomes this object's
   * @throws LinuxException when it can not be watched; it is then still the caller's to kill
   */
  Child(int pid, Descriptor pidfd) {
    this.pid = pid;
    this.pidfd = pidfd;
    synchronized (this) { // the child may end, and the loop look at this object, at once
      this.watch = EventLoop.shared().watch(pidfd.number(), this::reap);
    }
  }

  /** Returns its number in this JVM's PID namespace. */
  public int pid() {
    return pid;
  }

  /** Returns whether it has not been reaped yet. */
  public boolean isAlive() {
    return !exit.isDone();
  }

  /**
   * Returns its status when it has ended; empty inside when the kernel did not tell, because
   * somebody else had reaped it. Completed on the event loop's thread, so what depends on it must
   * be short.
   */
  public CompletableFuture<Optional<WaitStatus>> exit() {
    return exit;
  }

  /**
   * Sends a signal.
   *
   * @param number the signal's number
   * @return false when it has ended
   * @throws LinuxException when the kernel refuses
   */
  public boolean signal(int number) {
    if (!acquire()) {
      return false;
    }
    try {
      return ProcessCalls.signal(pidfd.number(), number);
    } finally {
      release();
    }
  }

  /**
   * Waits for its end on the calling thread, without detour through the event loop; not for virtual
   * threads, whose carrier it would block, and not interruptible.
   *
   * @param nanos how long at most, in nanoseconds; negative for ever
   * @return whether it has ended
   */
  public boolean await(long nanos) {
    if (!acquire()) {
      return true;
    }
    try {
      if (PollCalls.awaitReadable(pidfd.number(), nanos)) {
        reap();
      }
    } finally {
      release();
    }
    return exit.isDone();
  }

  /**
   * Runs something with its pidfd.
   *
   * @param use gets the number, which is open until it returns
   * @return false when it has ended, and nothing was run
   */
  public boolean withPidfd(IntConsumer use) {
    if (!acquire()) {
      return false;
    }
    try {
      use.accept(pidfd.number());
    } finally {
      release();
    }
    return true;
  }

  private synchronized boolean acquire() {
    if (reaped) {
      return false;
    }
    users++;
    return true;
  }

  private synchronized void release() {
    users--;
    closeWhenUnused();
  }

  private void closeWhenUnused() {
    if (reaped && users == 0) {
      pidfd.close();
    }
  }

  private void reap() {
    Optional<WaitStatus> status = Optional.empty();
    LinuxException failure = null;
    synchronized (this) {
      if (reaped) {
        return;
      }
      try {
        status = ProcessCalls.reap(pidfd.number());
        if (status.isEmpty()) {
          return;
        }
      } catch (LinuxException e) {
        // ECHILD: somebody waited for any child, or SIGCHLD was ignored: the status is lost.
        failure = e.is(Errno.ECHILD) ? null : e;
      }
      reaped = true;
      failure = attempt(watch::cancel, failure);
      failure = attempt(this::closeWhenUnused, failure);
    }
    if (failure == null) {
      exit.complete(status);
    } else {
      exit.completeExceptionally(failure);
    }
  }

  private static LinuxException attempt(Runnable cleanUp, LinuxException earlier) {
    try {
      cleanUp.run();
      return earlier;
    } catch (LinuxException e) {
      if (earlier == null) {
        return e;
      }
      earlier.addSuppressed(e);
      return earlier;
    }
  }
}
