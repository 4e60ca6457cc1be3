package dev.belljar.namespaces.forward;

import dev.belljar.linux.Errno;
import dev.belljar.linux.LinuxException;
import dev.belljar.linux.call.Closing;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/** What the published ports of a forwarder share, and which connections they have. */
final class Forwarding implements AutoCloseable {
  private static final long RETRY_NANOS = TimeUnit.MILLISECONDS.toNanos(200);

  private static final Set<Errno> SHORTAGES =
      EnumSet.of(Errno.EMFILE, Errno.ENFILE, Errno.ENOMEM, Errno.ENOBUFS);

  private final PipePool pipes;
  private final CopyBuffers buffers = new CopyBuffers();
  private final Set<Ongoing> ongoing = new HashSet<>();
  private final Set<Waiter> withoutDescriptors = new HashSet<>();
  private Optional<Throwable> failure = Optional.empty();
  private boolean closed;

  Forwarding(PipePool pipes) {
    this.pipes = pipes;
  }

  /** Whether a call failed for want of descriptors or memory, which may be there later. */
  static boolean isShortage(LinuxException failure) {
    return Errno.of(failure.errno()).filter(SHORTAGES::contains).isPresent();
  }

  static boolean isShortage(long result) {
    return Errno.of((int) -result).filter(SHORTAGES::contains).isPresent();
  }

  PipePool pipes() {
    return pipes;
  }

  CopyBuffers buffers() {
    return buffers;
  }

  /** Keeps a failure for whoever closes the forwarder. */
  synchronized void report(Throwable later) {
    failure = Optional.of(failure.isEmpty() ? later : Closing.first(failure.get(), later));
  }

  /** Takes note of what is about to begin; aborts it at once when the forwarder has been closed. */
  void begins(Ongoing one) {
    boolean tooLate;
    synchronized (this) {
      ongoing.add(one);
      tooLate = closed;
    }
    if (tooLate) {
      one.abort();
    }
  }

  /** Forgets what has ended and closed its descriptors. */
  synchronized void ended(Ongoing one) {
    ongoing.remove(one);
    withoutDescriptors.forEach(Waiter::wake);
    notifyAll();
  }

  /** Waits, when descriptors have run out, until some may be free again. */
  void awaitDescriptors(Waiter waiter) {
    waiter.aboutToWait();
    synchronized (this) {
      if (closed) {
        return;
      }
      withoutDescriptors.add(waiter);
    }
    waiter.await(RETRY_NANOS); // somebody else in this JVM may have closed some
    synchronized (this) {
      withoutDescriptors.remove(waiter);
    }
  }

  /** Resets all connections and waits until their descriptors are closed. */
  @Override
  public void close() {
    List<Ongoing> open;
    synchronized (this) {
      closed = true;
      open = new ArrayList<>(ongoing);
    }
    open.forEach(Ongoing::abort);
    awaitTheirEnd();
    pipes.close();
    synchronized (this) {
      failure.ifPresent(first -> {
        throw new IllegalStateException("forwarding a published port failed", first);
      });
    }
  }

  private synchronized void awaitTheirEnd() {
    boolean interrupted = false;
    while (!ongoing.isEmpty()) {
      try {
        wait();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
