package dev.belljar.linux.event;

import static dev.belljar.linux.call.Strace.check;

import dev.belljar.linux.Descriptor;
import dev.belljar.linux.LinuxException;
import dev.belljar.linux.call.FileCalls;
import dev.belljar.linux.call.OpenFlags;
import dev.belljar.linux.syscall.Scratch;
import dev.belljar.linux.syscall.Syscall;
import dev.belljar.linux.syscall.SyscallNumber;
import dev.belljar.linux.uapi.Uapi;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

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

  private static EventLoop shared;

  private final Descriptor epoll;
  private final Descriptor wake;
  private final Map<Long, Runnable> handlers = new ConcurrentHashMap<>();
  private final AtomicLong tokens = new AtomicLong(WAKE);
  private final Timers timers = new Timers();
  private final Thread thread;
  private volatile boolean running = true;

  /** A descriptor being watched. */
  public final class Watch {
    private final int fd;
    private final long token;

    private Watch(int fd, long token) {
      this.fd = fd;
      this.token = token;
    }

    /**
     * Stops watching; to be called before the descriptor is closed. Twice is once.
     *
     * @throws LinuxException when the kernel refuses
     */
    public void cancel() {
      if (handlers.remove(token) != null) {
        check(
            Syscall.call(SyscallNumber.EPOLL_CTL, epoll.number(), Uapi.EPOLL_CTL_DEL(), fd, 0),
            () -> "epoll_ctl(" + epoll.number() + ", EPOLL_CTL_DEL, " + fd + ", NULL)");
      }
    }
  }

  private EventLoop() {
    long fd =
        check(
            Syscall.call(SyscallNumber.EPOLL_CREATE1, OpenFlags.O_CLOEXEC),
            () -> "epoll_create1(EPOLL_CLOEXEC)");
    epoll = FileCalls.own(fd);
    try {
      int flags = OpenFlags.O_CLOEXEC | OpenFlags.O_NONBLOCK;
      wake =
          FileCalls.own(
              check(
                  Syscall.call(SyscallNumber.EVENTFD2, 0, flags),
                  () -> "eventfd2(0, EFD_CLOEXEC|EFD_NONBLOCK)"));
      try {
        add(wake.number(), WAKE);
      } catch (RuntimeException failure) {
        wake.close();
        throw failure;
      }
    } catch (RuntimeException failure) {
      epoll.close();
      throw failure;
    }
    thread = new Thread(null, this::run, "belljar-events", 0, false);
    thread.setDaemon(true);
    thread.start();
  }

  /**
   * Returns the loop of this JVM, starting it when it does not run.
   *
   * @throws LinuxException when the kernel refuses
   */
  public static synchronized EventLoop shared() {
    if (shared == null) {
      shared = new EventLoop();
    }
    return shared;
  }

  /** Ends the loop's thread and closes its descriptors; the next use starts another. */
  public static synchronized void shutdown() {
    if (shared != null) {
      shared.stop();
      shared = null;
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
    long token = tokens.incrementAndGet();
    handlers.put(token, handler);
    try {
      add(fd, token);
    } catch (RuntimeException failure) {
      handlers.remove(token);
      throw failure;
    }
    return new Watch(fd, token);
  }

  /**
   * Runs something on the loop's thread after a time.
   *
   * @param nanos from now, in nanoseconds
   * @param task what to run
   * @return what cancels it
   */
  public Timers.Timer schedule(long nanos, Runnable task) {
    Timers.Timer timer = timers.add(System.nanoTime() + nanos, task);
    if (Thread.currentThread() != thread && timers.isNext(timer)) {
      wakeUp();
    }
    return timer;
  }

  private void add(int fd, long token) {
    try (Scratch scratch = Scratch.open()) {
      MemorySegment event = scratch.allocate(EpollEvent.SIZE);
      EpollEvent.set(event, Uapi.EPOLLIN(), token);
      check(
          Syscall.call(
              SyscallNumber.EPOLL_CTL, epoll.number(), Uapi.EPOLL_CTL_ADD(), fd, event.address()),
          () ->
              "epoll_ctl(%d, EPOLL_CTL_ADD, %d, {EPOLLIN, %d})"
                  .formatted(epoll.number(), fd, token));
    }
  }

  private void wakeUp() {
    FileCalls.write(wake.number(), new byte[] {1, 0, 0, 0, 0, 0, 0, 0});
  }

  private void run() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment events = arena.allocate(EpollEvent.SIZE * MOST_EVENTS, 8);
      MemorySegment count = arena.allocate(8, 8);
      while (running) {
        long ready =
            Syscall.call(
                SyscallNumber.EPOLL_PWAIT,
                epoll.number(),
                events.address(),
                MOST_EVENTS,
                timers.millisToNext(),
                0,
                8);
        for (int i = 0; i < ready; i++) {
          long token = EpollEvent.data(events, i);
          if (token == WAKE) {
            FileCalls.read(wake.number(), count);
          } else {
            run(handlers.get(token));
          }
        }
        timers.due().forEach(EventLoop::run);
      }
    }
  }

  private static void run(Runnable handler) {
    if (handler == null) {
      return; // cancelled meanwhile
    }
    try {
      handler.run();
    } catch (RuntimeException | Error failure) {
      Thread thread = Thread.currentThread();
      thread.getUncaughtExceptionHandler().uncaughtException(thread, failure);
    }
  }

  private void stop() {
    running = false;
    wakeUp();
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
    try (epoll;
        wake) {
      handlers.clear();
    }
  }
}
