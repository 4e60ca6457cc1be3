package dev.belljar.linux.launch;

import dev.belljar.linux.Descriptor;
import dev.belljar.linux.Errno;
import dev.belljar.linux.LinuxException;
import dev.belljar.linux.call.Closing;
import dev.belljar.linux.call.PollCalls;
import dev.belljar.linux.call.ProcessCalls;
import dev.belljar.linux.call.WaitStatus;
import dev.belljar.linux.event.EventLoop;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
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
  private int waiters;
  private boolean reaped;

  private Child(int pid, Descriptor pidfd) {
    this.pid = pid;
    this.pidfd = pidfd;
    synchronized (this) { // the child may end, and the loop look at this object, at once
      this.watch = EventLoop.shared().watch(pidfd.number(), this::reap);
    }
  }

  /**
   * Takes charge of a child.
   *
   * @param pid its number in this JVM's PID namespace
   * @param pidfd its descriptor, which becomes the new object's
   * @throws LinuxException when it can not be watched; it has been killed and reaped then
   */
  static Child adopt(int pid, Descriptor pidfd) {
    Strays.held(pid);
    try {
      return new Child(pid, pidfd);
    } catch (RuntimeException | Error failure) {
      Orphan.end(failure, pidfd);
      Strays.released(pid);
      throw failure;
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
   * somebody else had reaped it. Completed on the event loop's thread or that of a waiter, so what
   * depends on it must be short.
   */
  public CompletableFuture<Optional<WaitStatus>> exit() {
    return exit;
  }

  /**
   * Returns how it ended, of a child that is no longer {@linkplain #isAlive() alive}.
   *
   * @return the status; empty when it is alive, or somebody else had reaped it
   * @throws LinuxException when the kernel refused to tell, or to let go of its descriptor
   */
  public Optional<WaitStatus> status() {
    try {
      return exit.getNow(Optional.empty());
    } catch (CompletionException e) {
      throw (LinuxException) e.getCause();
    }
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
   * Waits until it has ended and has been reaped; not interruptible. A platform thread waits and
   * reaps by itself, without detour through the event loop; a virtual one does not block its
   * carrier.
   *
   * @param nanos how long at most, in nanoseconds; negative for ever
   * @return whether it has ended
   * @throws LinuxException when the kernel refuses to wait; it has been waited for all the same
   */
  public boolean await(long nanos) {
    long start = System.nanoTime();
    LinuxException failure = null;
    if (!Thread.currentThread().isVirtual() && acquire()) {
      try {
        beginWait();
        try {
          if (!PollCalls.awaitReadable(pidfd.number(), nanos)) {
            return false;
          }
          reap();
        } finally {
          endWait();
        }
      } catch (LinuxException e) {
        failure = e;
      } finally {
        release();
      }
    }
    // Another thread may have reaped it and be about to say so: then it has ended, whatever the
    // time.
    long left = Math.max(0, nanos - (System.nanoTime() - start));
    boolean ended = awaitExit(nanos < 0 || isReaped() ? -1 : left);
    if (failure != null) {
      throw failure;
    }
    return ended;
  }

  private boolean awaitExit(long nanos) {
    boolean interrupted = false;
    long deadline = System.nanoTime() + nanos;
    try {
      while (true) {
        try {
          if (nanos < 0) {
            exit.get();
          } else {
            exit.get(Math.max(0, deadline - System.nanoTime()), TimeUnit.NANOSECONDS);
          }
          return true;
        } catch (InterruptedException e) {
          interrupted = true;
        } catch (ExecutionException e) {
          return true; // as far as is known: status() tells
        } catch (TimeoutException e) {
          return false;
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
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

  private synchronized boolean isReaped() {
    return reaped;
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

  // While somebody waits for it, the event loop need not: it would be woken for nothing, and in the
  // race for the child's end it would often win and have to wake the waiter.
  private synchronized void beginWait() {
    if (!reaped && waiters == 0) {
      watch.pause();
    }
    waiters++;
  }

  private void endWait() {
    try {
      resume();
    } catch (LinuxException e) { // the event loop will not see its end
      Thread.ofPlatform().daemon().name("belljar-child-" + pid()).start(this::awaitAndReap);
      throw e;
    }
  }

  private void awaitAndReap() {
    if (!acquire()) {
      return;
    }
    try {
      PollCalls.awaitReadable(pidfd.number(), -1);
      reap();
    } finally {
      release();
    }
  }

  private synchronized void resume() {
    waiters--;
    if (!reaped && waiters == 0) {
      watch.resume();
    }
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
      Strays.released(pid);
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
      return Closing.first(earlier, e);
    }
  }
}
