package dev.belljar;

import dev.belljar.linux.Signal;
import dev.belljar.linux.launch.Child;
import dev.belljar.program.TerminalSize;
import dev.belljar.stream.Streams;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * A process in a container, for all code that takes a {@link Process}.
 *
 * <p>Its exit is seen by one thread for all processes of the library, so that waiting for it in a
 * virtual thread occupies nothing else. {@link #destroy()} sends SIGTERM, {@link
 * #destroyForcibly()} SIGKILL.
 */
public final class ContainerProcess extends Process {
  // How long a platform thread waits for the process itself before it waits for the event loop:
  // short commands end meanwhile, and a thread that waits in the kernel cannot be interrupted.
  private static final long DIRECT_WAIT_NANOS = TimeUnit.MILLISECONDS.toNanos(5);

  private final Child child;
  private final Streams streams;
  private final CompletableFuture<ExitStatus> ended;

  ContainerProcess(Child child, Streams streams, CompletableFuture<ExitStatus> ended) {
    this.child = child;
    this.streams = streams;
    this.ended = ended;
  }

  @Override
  public OutputStream getOutputStream() {
    return streams.input();
  }

  @Override
  public InputStream getInputStream() {
    return streams.output();
  }

  @Override
  public InputStream getErrorStream() {
    return streams.errors();
  }

  /**
   * Sets the size of the window of the process's terminal; what runs in its foreground gets
   * SIGWINCH when it changes.
   *
   * @param columns characters in a line, 1 to 65,535
   * @param rows lines, 1 to 65,535
   * @throws IllegalArgumentException when the size is none
   * @throws IllegalStateException when the process has no {@link ContainerBuilder#terminal()
   *     terminal}, or has ended
   */
  public void resize(int columns, int rows) {
    TerminalSize size = new TerminalSize(columns, rows);
    if (!size.isPossible()) {
      throw new IllegalArgumentException(
          "a terminal has 1 to 65535 columns and rows, not %d and %d".formatted(columns, rows));
    }
    streams.resize(size.bytes());
  }

  /**
   * Waits until the process has ended.
   *
   * @return its exit code; 128 plus the signal's number when a signal ended it; see {@link
   *     ExitStatus#code()}
   * @throws InterruptedException when the calling thread is interrupted
   * @throws ContainerException when freeing what the container held failed
   */
  @Override
  public int waitFor() throws InterruptedException {
    return awaitStatus().code();
  }

  @Override
  public boolean waitFor(long timeout, TimeUnit unit) throws InterruptedException {
    long nanos = unit.toNanos(timeout);
    waitDirectly(Math.min(nanos, DIRECT_WAIT_NANOS));
    try {
      ended.get(Math.max(0, nanos - DIRECT_WAIT_NANOS), TimeUnit.NANOSECONDS);
      return true;
    } catch (TimeoutException e) {
      return false;
    } catch (ExecutionException e) {
      throw Ending.failure(e);
    }
  }

  /**
   * Waits until the process has ended, and tells how.
   *
   * @return how it ended
   * @throws InterruptedException when the calling thread is interrupted
   * @throws ContainerException when freeing what the container held failed
   */
  public ExitStatus awaitStatus() throws InterruptedException {
    waitDirectly(DIRECT_WAIT_NANOS);
    try {
      return ended.get();
    } catch (ExecutionException e) {
      throw Ending.failure(e);
    }
  }

  private void waitDirectly(long nanos) throws InterruptedException {
    if (Thread.interrupted()) {
      throw new InterruptedException();
    }
    if (!Thread.currentThread().isVirtual() && !ended.isDone() && nanos > 0) {
      child.await(nanos);
    }
  }

  /**
   * Tells how the process ended.
   *
   * @return its status
   * @throws IllegalThreadStateException while it runs
   */
  public ExitStatus exitStatus() {
    if (!ended.isDone()) {
      throw new IllegalThreadStateException("the process has not ended");
    }
    return Ending.now(ended);
  }

  @Override
  public int exitValue() {
    return exitStatus().code();
  }

  @Override
  public boolean isAlive() {
    return !ended.isDone();
  }

  /**
   * Sends a signal. Process 1 of a PID namespace ignores every signal it has no handler for, except
   * SIGKILL and SIGSTOP.
   *
   * @param signal the signal
   * @return false when the process has ended
   */
  public boolean signal(Signal signal) {
    return child.signal(signal.number());
  }

  @Override
  public void destroy() {
    signal(Signal.SIGTERM);
  }

  @Override
  public Process destroyForcibly() {
    signal(Signal.SIGKILL);
    return this;
  }

  @Override
  public boolean supportsNormalTermination() {
    return true;
  }

  /** Returns the process's number outside the container, as this JVM sees it. */
  @Override
  public long pid() {
    return child.pid();
  }

  /**
   * Returns the JDK's handle of the process, for its children, its CPU time and the like; once the
   * process has ended, one that knows no more than its number.
   */
  @Override
  public ProcessHandle toHandle() {
    Optional<ProcessHandle> handle = ProcessHandle.of(pid());
    // Only if it has not been reaped by now, the handle is certainly not that of a later process
    // with the same number.
    return handle.filter(_ -> child.signal(0)).orElseGet(() -> new EndedHandle(pid()));
  }

  @Override
  public CompletableFuture<Process> onExit() {
    // On a thread of its own: what depends on it must hold up neither the thread that sees all
    // exits nor, where it blocks, the few threads of the common pool.
    return ended.handleAsync((_, _) -> this, Thread::startVirtualThread);
  }

  /** Prints its number and whether it runs, or how it ended. */
  @Override
  public String toString() {
    String state =
        ended.isDone() && !ended.isCompletedExceptionally() ? ended.join().toString() : "running";
    return "process " + pid() + " (" + state + ")";
  }
}
