package dev.belljar.linux.event;

import dev.belljar.linux.Descriptor;
import dev.belljar.linux.LinuxException;
import dev.belljar.linux.call.Closing;
import dev.belljar.linux.call.FileCalls;
import dev.belljar.linux.call.PollCalls;
import dev.belljar.linux.call.Threads;
import dev.belljar.linux.syscall.Syscall;
import dev.belljar.linux.syscall.SyscallNumber;
import dev.belljar.linux.uapi.Uapi;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.function.IntConsumer;

/**
 * The one thread that waits, by epoll, for all descriptors and deadlines of the library.
 *
 * <p>It starts with the first use and lives until {@link #shutdown()}. Handlers run on it, one
 * after the other, so they must be short and never call foreign code.
 *
 * @see <a href="https://man7.org/linux/man-pages/man7/epoll.7.html">epoll(7)</a>
 */
public final class EventLoop {
  private static final int MOST_EVENTS = 64;
  private static final long WAKE = 0;
  private static final int HANG_UP_ONLY = 0; // it is always told of, whether asked for or not
  private static final String THREAD_NAME = "belljar-events";

  private static EventLoop shared;

  private final Epoll epoll;
  private final Descriptor wake;
  private final Handlers handlers = new Handlers();
  private final Timers timers = new Timers();
  private final Thread thread = new Thread(null, this::run, THREAD_NAME, 0, false);
  private volatile boolean running = true;
  private boolean ended;

  /** A descriptor being watched. */
  public final class Watch {
    private final int fd;
    private final long token;
    private final int events;
    private boolean paused;
    private boolean cancelled;

    private Watch(int fd, long token, int events, boolean paused) {
      this.fd = fd;
      this.token = token;
      this.events = events;
      this.paused = paused;
    }

    /**
     * Stops watching for a while, so that the loop does not wake up for what the caller is about to
     * wait for itself. The handler may be running on the loop's thread, or about to.
     *
     * @throws LinuxException when the kernel refuses; it is being watched still
     */
    public synchronized void pause() {
      if (!cancelled && !paused) {
        epoll.delete(fd);
        paused = true;
      }
    }

    /**
     * Watches again; what has happened meanwhile is seen at once.
     *
     * @throws LinuxException when the kernel refuses; it is not being watched then
     */
    public synchronized void resume() {
      if (!cancelled && paused) {
        epoll.add(fd, token, events);
        paused = false;
      }
    }

    /**
     * Makes the handler of {@link EventLoop#watchOnce} run once more: at once, when the descriptor
     * is ready already. Does nothing when the watch is cancelled.
     *
     * @throws LinuxException when the kernel refuses
     */
    public synchronized void again() {
      if (!cancelled) {
        epoll.modify(fd, token, events);
      }
    }

    /**
     * Makes the handler of {@link EventLoop#watchEvents} run once more, when one of these events is
     * there; takes the place of what it was to be told of before. Does nothing when the watch is
     * cancelled.
     *
     * @param wanted {@code EPOLLIN}, {@code EPOLLOUT} or both; or 0 for errors and hang-ups only,
     *     which are told of in any case
     * @throws LinuxException when the kernel refuses
     */
    public synchronized void arm(int wanted) {
      if (cancelled) {
        return;
      }
      if (paused) {
        epoll.add(fd, token, wanted | Uapi.EPOLLONESHOT());
        paused = false;
      } else {
        epoll.modify(fd, token, wanted | Uapi.EPOLLONESHOT());
      }
    }

    /**
     * Stops watching; to be called before the descriptor is closed. Twice is once. The handler may
     * be running on the loop's thread, or about to.
     *
     * @throws LinuxException when the kernel refuses
     */
    public synchronized void cancel() {
      if (cancelled) {
        return;
      }
      cancelled = true;
      try {
        if (!paused) {
          epoll.delete(fd);
        }
      } finally {
        forget(token); // only now: without a handler a stopped loop closes its descriptors
      }
    }
  }

  private EventLoop(Epoll epoll, Descriptor wake) {
    this.epoll = epoll;
    this.wake = wake;
    thread.setDaemon(true);
    thread.setContextClassLoader(null);
  }

  private static EventLoop start() {
    Epoll epoll = Epoll.create();
    Descriptor wake = null;
    try {
      wake = FileCalls.eventfd();
      EventLoop loop = new EventLoop(epoll, wake);
      loop.epoll.add(wake.number(), WAKE, Uapi.EPOLLIN());
      loop.thread.start();
      return loop;
    } catch (RuntimeException | Error failure) {
      Closing.after(failure, wake, epoll);
      throw failure;
    }
  }

  /**
   * Returns the loop of this JVM, starting it when it does not run.
   *
   * @throws LinuxException when the kernel refuses
   */
  public static synchronized EventLoop shared() {
    if (shared == null) {
      shared = start();
    }
    return shared;
  }

  /**
   * Ends the loop's thread and closes its descriptors; the next use starts another. What is still
   * watched or scheduled is seen to its end first, so that no child of this JVM stays unreaped: in
   * that case the thread ends later, by itself.
   *
   * @throws LinuxException when the kernel refuses; the loop runs on then
   */
  public static void shutdown() {
    EventLoop loop;
    boolean ends;
    synchronized (EventLoop.class) {
      if (shared == null) {
        return;
      }
      loop = shared;
      ends = loop.stop();
      shared = null;
    }
    if (ends && Thread.currentThread() != loop.thread) {
      Threads.join(loop.thread);
    }
  }

  /**
   * Watches a descriptor until the watch is cancelled.
   *
   * @param fd the descriptor, which stays the caller's
   * @param handler runs on the loop's thread whenever it is readable, at its end, or, being a
   *     pidfd, its process has ended
   * @return the watch
   * @throws LinuxException when the kernel refuses
   */
  public Watch watch(int fd, Runnable handler) {
    return watch(fd, Uapi.EPOLLIN(), handler);
  }

  /**
   * Watches a descriptor for one notification at a time: after each the handler is not run again
   * before {@link Watch#again}.
   *
   * @param fd the descriptor, which stays the caller's
   * @param priority whether to wait for EPOLLPRI, as files of cgroups and pressure triggers signal
   *     news, and not for the descriptor being readable, which those always are
   * @param handler runs on the loop's thread; an error of the descriptor (EPOLLERR) runs it too
   * @return the watch
   * @throws LinuxException when the kernel refuses
   */
  public Watch watchOnce(int fd, boolean priority, Runnable handler) {
    int events = priority ? Uapi.EPOLLPRI() : Uapi.EPOLLIN();
    return watch(fd, events | Uapi.EPOLLONESHOT(), handler);
  }

  /**
   * Prepares to watch a descriptor for what {@link Watch#arm} says, one notification at a time;
   * nothing happens before its first call.
   *
   * @param fd the descriptor, which stays the caller's
   * @param handler runs on the loop's thread with the {@code EPOLL*} events that are there
   * @return the watch
   */
  public Watch watchEvents(int fd, IntConsumer handler) {
    long token = handlers.nextToken();
    return remember(token, handler)
        ? new Watch(fd, token, 0, true)
        : shared().watchEvents(fd, handler); // this one has been shut down meanwhile
  }

  Watch watch(int fd, int events, Runnable handler) {
    long token = handlers.nextToken();
    if (!remember(token, _ -> handler.run())) {
      return shared().watch(fd, events, handler); // this one has been shut down meanwhile
    }
    try {
      epoll.add(fd, token, events);
    } catch (RuntimeException | Error failure) {
      Closing.after(failure, () -> forget(token));
      throw failure;
    }
    return new Watch(fd, token, events, false);
  }

  /**
   * Waits until a descriptor is readable or at its end, as {@link PollCalls#awaitReadable} does,
   * but in a way that suits the calling thread: the carrier of a virtual one is not blocked.
   *
   * @param fd the descriptor, not watched by anybody else
   * @param nanos how long to wait at most, in nanoseconds; negative for ever
   * @return false when the time ran out
   * @throws LinuxException when the kernel refuses
   */
  public static boolean awaitReadable(int fd, long nanos) {
    return Thread.currentThread().isVirtual()
        ? OneEvent.await(shared(), fd, Uapi.EPOLLIN(), nanos)
        : PollCalls.awaitReadable(fd, nanos);
  }

  /**
   * Waits until nobody can write to a pipe any more, in a way that suits the calling thread; what
   * is written meanwhile wakes nobody.
   *
   * @param fd the pipe's read end, not watched by anybody else
   * @param nanos how long to wait at most, in nanoseconds; negative for ever
   * @return false when the time ran out
   * @throws LinuxException when the kernel refuses
   */
  public static boolean awaitHangUp(int fd, long nanos) {
    return Thread.currentThread().isVirtual()
        ? OneEvent.await(shared(), fd, HANG_UP_ONLY, nanos)
        : PollCalls.awaitHangUp(fd, nanos);
  }

  /**
   * Waits until a descriptor can be written without blocking, in a virtual thread; a platform
   * thread may as well block in the write itself, and does not wait here.
   *
   * @param fd the descriptor, not watched by anybody else
   * @throws LinuxException when the kernel refuses
   */
  public static void awaitWritable(int fd) {
    if (Thread.currentThread().isVirtual()) {
      OneEvent.await(shared(), fd, Uapi.EPOLLOUT(), -1);
    }
  }

  /**
   * Tells whether the calling thread is the loop's own, which must not be held up.
   *
   * @return true within a handler or a scheduled task
   */
  public static boolean isCurrent() {
    return Thread.currentThread().getName().equals(THREAD_NAME);
  }

  /**
   * Runs something on the loop's thread after a time.
   *
   * @param nanos from now, in nanoseconds
   * @param task what to run
   * @return what cancels it
   * @throws LinuxException when the kernel refuses; nothing is scheduled then
   */
  public Timers.Timer schedule(long nanos, Runnable task) {
    synchronized (this) {
      if (!ended) {
        return scheduleHere(nanos, task);
      }
    }
    return shared().schedule(nanos, task); // this one has been shut down meanwhile
  }

  private Timers.Timer scheduleHere(long nanos, Runnable task) {
    Timers.Timer timer = timers.add(nanos, task);
    if (Thread.currentThread() != thread && timers.isNext(timer)) {
      try {
        wakeUp();
      } catch (RuntimeException failure) {
        timer.cancel();
        throw failure;
      }
    }
    return timer;
  }

  private synchronized boolean remember(long token, IntConsumer handler) {
    if (!ended) {
      handlers.put(token, handler);
    }
    return !ended;
  }

  private synchronized void forget(long token) {
    handlers.remove(token);
    if (!running && !ended && Thread.currentThread() != thread) {
      wakeUp(); // this may have been what it was waiting for
    }
  }

  /** To be called with the lock held and not when ended: the number may be another file's then. */
  private void wakeUp() {
    FileCalls.write(wake.number(), new byte[] {1, 0, 0, 0, 0, 0, 0, 0});
  }

  private void run() {
    try (epoll;
        wake;
        Arena arena = Arena.ofConfined()) {
      MemorySegment events = arena.allocate(EpollEvent.SIZE * MOST_EVENTS, 8);
      MemorySegment count = arena.allocate(8, 8);
      while (!isOver()) {
        long ready = epoll.await(events, timers.millisToNext());
        for (int i = 0; i < ready; i++) { // an error, such as EINTR, means none
          long token = EpollEvent.data(events, i);
          if (token == WAKE) {
            // Should this fail, the next epoll_wait returns at once; the thread must not end.
            Syscall.call(SyscallNumber.READ, wake.number(), count.address(), 8);
          } else {
            handlers.run(token, EpollEvent.events(events, i));
          }
        }
        timers.due().forEach(Handlers::run);
      }
    }
  }

  private synchronized boolean isOver() {
    ended = ended || (!running && isIdle());
    return ended;
  }

  private boolean isIdle() {
    return handlers.isEmpty() && timers.isEmpty();
  }

  /** Makes the thread end now if it is idle, which is returned, or else when it will be. */
  private synchronized boolean stop() {
    wakeUp();
    running = false;
    ended = isIdle();
    return ended;
  }
}
