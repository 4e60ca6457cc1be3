package dev.belljar.namespaces.forward;

import dev.belljar.linux.Errno;
import dev.belljar.linux.LinuxException;
import dev.belljar.linux.call.Closing;
import dev.belljar.linux.call.FileCalls;
import dev.belljar.linux.call.OpenFlags;
import dev.belljar.linux.call.Pipe;
import dev.belljar.linux.call.SpliceCalls;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * Pipes that bytes are in while they are on their way from one socket to another.
 *
 * <p>A pipe is lent only while bytes are in it, so there are as many as connections that move at
 * the same moment or whose receiver is slow, not as many as connections. When a user's pipes hold
 * as much as {@code /proc/sys/fs/pipe-user-pages-soft} allows, a new one holds next to nothing, and
 * when descriptors have run out there is none: then bytes are copied instead. The first ones are
 * made larger, for few connections that move much.
 */
final class PipePool implements AutoCloseable {
  private static final int MOST_IDLE = 64;
  private static final int MOST_LARGE = 16; // 4 MiB of the 64 that a user's pipes may hold
  private static final long USEFUL = 64 << 10;
  private static final long LARGE = 256 << 10;
  private static final long RETRY_NANOS = TimeUnit.MILLISECONDS.toNanos(200);

  private final long usefulSize;
  private final Deque<Pipe> idle = new ArrayDeque<>();
  private long nextTry = System.nanoTime();
  private final Set<Pipe> large = new HashSet<>();
  private boolean closed;

  /** Makes an empty pool of pipes that are worth their while. */
  static PipePool ofUsefulPipes() {
    return new PipePool(USEFUL);
  }

  /** Makes an empty pool of pipes that hold at least so many bytes. */
  PipePool(long usefulSize) {
    this.usefulSize = usefulSize;
  }

  /** Lends an empty pipe; none when there can be no useful one now. */
  synchronized Optional<Pipe> take() {
    Pipe pipe = idle.pollLast();
    if (pipe != null) {
      return Optional.of(pipe);
    }
    if (System.nanoTime() - nextTry < 0) {
      return Optional.empty();
    }
    Optional<Pipe> made = make();
    if (made.isEmpty()) {
      nextTry = System.nanoTime() + RETRY_NANOS;
    }
    return made;
  }

  private Optional<Pipe> make() {
    Pipe pipe;
    try {
      pipe = FileCalls.pipe(OpenFlags.O_NONBLOCK);
    } catch (LinuxException e) {
      if (e.is(Errno.EMFILE) || e.is(Errno.ENFILE)) {
        return Optional.empty();
      }
      throw e;
    }
    if (SpliceCalls.pipeSize(pipe.write().number()) < usefulSize) {
      pipe.close();
      return Optional.empty();
    }
    if (large.size() < MOST_LARGE
        && SpliceCalls.setPipeSize(pipe.write().number(), LARGE) >= LARGE) {
      large.add(pipe);
    }
    return Optional.of(pipe);
  }

  /** Takes a pipe back. */
  void giveBack(Pipe pipe, boolean empty) {
    synchronized (this) {
      if (empty && !closed && idle.size() < MOST_IDLE) {
        idle.addLast(pipe);
        return;
      }
      large.remove(pipe);
    }
    pipe.close();
  }

  /** Closes the idle pipes now, and those that are lent when they come back. */
  @Override
  public void close() {
    ArrayDeque<Pipe> pipes;
    synchronized (this) {
      closed = true;
      pipes = new ArrayDeque<>(idle);
      idle.clear();
    }
    Closing.all(pipes);
  }
}
