package dev.belljar.namespaces.pool;

import dev.belljar.linux.Errno;
import dev.belljar.linux.LinuxException;
import dev.belljar.linux.call.Closing;
import dev.belljar.linux.call.Threads;
import dev.belljar.linux.syscall.Syscall;
import dev.belljar.namespaces.Namespace;
import dev.belljar.namespaces.NamespaceType;
import dev.belljar.namespaces.attach.Attachment;
import dev.belljar.namespaces.net.BridgeNetwork;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * Network namespaces made ahead, {@code lo} up, on a bridge if wanted: to make one takes most of a
 * container's start.
 *
 * <p>Each is given away once. What is taken is made up for by a thread of lower priority, which
 * looks every 20 ms: once nothing has been taken for 3 ms, since it would hold up a start beside it
 * a little, and without a pause while half or less is in stock. While there is none, containers
 * make their own as ever, and nobody waits. The kernel frees a namespace some time after the last
 * process and descriptor have left it, and nobody waits for that either.
 *
 * <p>A namespace in stock holds about 220 KiB of the kernel's memory ({@link #memory}). A process
 * in a USER namespace of its own would not own such a NET namespace, so containers with one make
 * both by themselves; and an ordinary user, whose containers all have one, has a pool that stays
 * empty. A container with a bridge, a macvlan or a moved link can be given a namespace that is on
 * none, and is put into its network at its start then.
 *
 * {@snippet :
 * try (NetworkPool pool = NetworkPool.of(16)) {
 *   ContainerSpec spec = Container.builder().command("true").networkPool(pool).build();
 *   for (int i = 0; i < 1000; i++) {
 *     spec.start().waitFor();
 *   }
 * }
 * }
 *
 * @see <a
 *     href="https://man7.org/linux/man-pages/man7/network_namespaces.7.html">network_namespaces(7)</a>
 */
public final class NetworkPool implements AutoCloseable {
  /** How many namespaces a pool holds unless told. */
  public static final int USUAL_SIZE = 16;

  private static final int LARGEST = 1024;
  private static final long BYTES_EACH = 220 << 10;
  private static final int TRIES_IN_A_ROW = 3;

  /** How long nothing is made after a take. */
  private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(3);

  /** How often a full pool is looked at, so that a take need not wake the thread. */
  private static final long PERIOD_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

  /** How long the thread stays after the last take, at most. */
  private static final long IDLE_NANOS = TimeUnit.SECONDS.toNanos(5);

  private final int size;
  private final Optional<BridgeNetwork> bridge;
  private final Deque<ReadyNetwork> ready = new ArrayDeque<>();
  private Optional<Thread> maker = Optional.empty();
  private Optional<LinuxException> failure = Optional.empty();
  private long lastTake = System.nanoTime() - PAUSE_NANOS;
  private boolean closed;

  private NetworkPool(int size, Optional<BridgeNetwork> bridge) {
    this.size = size;
    this.bridge = bridge;
  }

  /**
   * Opens a pool of 16.
   *
   * @return the pool, which fills by itself from now on
   */
  public static NetworkPool open() {
    return of(USUAL_SIZE);
  }

  /**
   * Opens a pool.
   *
   * @param size how many namespaces to hold, 1 to 1024
   * @return the pool, which fills by itself from now on
   * @throws IllegalArgumentException when the size is out of range
   */
  public static NetworkPool of(int size) {
    return opened(size, Optional.empty());
  }

  /**
   * Opens a pool of namespaces that are on a bridge already, each with an address of its own. They
   * are for containers that are to be in this very network. The bridge exists while the pool is
   * open, and each namespace in stock has an address that no container can have meanwhile.
   *
   * @param size how many namespaces to hold, 1 to 1024
   * @param bridge the network, without an address for the container
   * @return the pool, which fills by itself from now on
   * @throws IllegalArgumentException when the size is out of range, or the network says which
   *     address its container has: only one can have it
   */
  public static NetworkPool of(int size, BridgeNetwork bridge) {
    if (bridge.address().isPresent()) {
      throw new IllegalArgumentException(
          "a pool needs many addresses, not just " + bridge.address().get().getHostAddress());
    }
    return opened(size, Optional.of(bridge));
  }

  private static NetworkPool opened(int size, Optional<BridgeNetwork> bridge) {
    if (size < 1 || size > LARGEST) {
      throw new IllegalArgumentException("a pool holds 1 to 1024 namespaces, not " + size);
    }
    Syscall.requireAvailable();
    NetworkPool pool = new NetworkPool(size, bridge);
    pool.fill();
    return pool;
  }

  /**
   * Returns the network that its namespaces are in.
   *
   * @return empty when there is only {@code lo}
   */
  public Optional<BridgeNetwork> bridge() {
    return bridge;
  }

  /**
   * Takes a namespace that nobody else was given, without waiting.
   *
   * @return the namespace, to be closed; empty when there is none in stock
   * @throws IllegalStateException when the pool is closed
   */
  public Optional<ReadyNetwork> take() {
    Optional<ReadyNetwork> taken;
    synchronized (this) {
      if (closed) {
        throw new IllegalStateException("the pool is closed");
      }
      taken = Optional.ofNullable(ready.poll());
      lastTake = System.nanoTime();
    }
    fill();
    return taken;
  }

  /**
   * Returns how many namespaces are in stock.
   *
   * @return 0 to the pool's size
   */
  public synchronized int ready() {
    return ready.size();
  }

  /**
   * Waits until the pool is full.
   *
   * @param limit how long to wait at most
   * @return false when the time ran out, or namespaces cannot be made; see {@link #failure}
   * @throws InterruptedException when the thread is interrupted
   */
  public synchronized boolean awaitFull(Duration limit) throws InterruptedException {
    long end = System.nanoTime() + limit.toNanos();
    notifyAll(); // the thread need not wait until it looks again
    while (ready.size() < size && maker.isPresent() && !closed) {
      long left = end - System.nanoTime();
      if (left <= 0) {
        return false;
      }
      TimeUnit.NANOSECONDS.timedWait(this, Math.max(left, TimeUnit.MILLISECONDS.toNanos(1)));
    }
    return ready.size() == size;
  }

  /**
   * Returns how much memory of the kernel the namespaces in stock hold, about, without what a
   * bridge adds.
   *
   * @return bytes
   */
  public long memory() {
    return ready() * BYTES_EACH;
  }

  /**
   * Tells why the last attempt to make a namespace failed.
   *
   * @return the failure, EPERM without CAP_SYS_ADMIN; empty when it did not fail
   */
  public synchronized Optional<LinuxException> failure() {
    return failure;
  }

  private synchronized void fill() {
    if (closed || maker.isPresent() || ready.size() >= size) {
      return;
    }
    Thread thread = new Thread(null, this::make, "belljar-network-pool", 0, false);
    thread.setDaemon(true);
    thread.setContextClassLoader(null);
    maker = Optional.of(thread);
    thread.start();
  }

  // The thread ends when nothing was taken for a while, and after failures; the next take starts
  // another.
  private void make() {
    int failures = 0;
    try (NetworkMaker here = new NetworkMaker()) {
      while (failures < TRIES_IN_A_ROW && awaitMissing()) {
        try {
          put(make(here));
          failures = 0;
        } catch (LinuxException e) {
          failures++;
          remember(e);
        }
      }
    } catch (LinuxException e) {
      remember(e);
    } finally {
      ended();
    }
  }

  private ReadyNetwork make(NetworkMaker here) {
    Namespace made = here.make();
    try {
      return new ReadyNetwork(made, bridge.map(network -> Attachment.unnamed(network, made)));
    } catch (UncheckedIOException e) { // another program answers for names on the bridge
      Closing.after(e, made);
      throw new LinuxException(
          Errno.EADDRINUSE.number(), "bind(...)", "making a network ahead", e.getMessage());
    } catch (RuntimeException | Error failure) {
      Closing.after(failure, made);
      throw failure;
    }
  }

  /**
   * Waits until one more is to be made: while more than half is in stock, in a pause between
   * starts, since both need the kernel's locks of network namespaces and a start is faster with
   * nobody beside it; else at once, since a start in a namespace made beside it is still faster
   * than one that makes its own.
   *
   * @return false when there is nothing to do any more, and another thread may be started
   */
  private synchronized boolean awaitMissing() {
    try {
      while (!closed) {
        boolean full = ready.size() >= size;
        long sinceTake = System.nanoTime() - lastTake;
        boolean urgent = ready.size() <= size / 2 && failure.isEmpty();
        if (!full && (urgent || sinceTake >= PAUSE_NANOS)) {
          return true;
        }
        if (full && sinceTake > IDLE_NANOS) {
          break;
        }
        TimeUnit.NANOSECONDS.timedWait(this, full ? PERIOD_NANOS : PAUSE_NANOS);
      }
    } catch (InterruptedException e) {
      // Nobody knows the thread but the pool, which does not interrupt it.
    }
    ended();
    return false;
  }

  private void put(ReadyNetwork made) {
    synchronized (this) {
      failure = Optional.empty();
      if (!closed) {
        ready.add(made);
        notifyAll();
        return;
      }
    }
    made.close();
  }

  private synchronized void remember(LinuxException e) {
    failure = Optional.of(e);
  }

  private synchronized void ended() {
    if (maker.filter(Thread.currentThread()::equals).isPresent()) {
      maker = Optional.empty();
    }
    notifyAll();
  }

  /**
   * Lets go of what is in stock. Twice is once.
   *
   * @throws LinuxException when the kernel reports an error; everything is closed all the same
   */
  @Override
  public void close() {
    List<ReadyNetwork> left;
    Optional<Thread> running;
    synchronized (this) {
      closed = true;
      left = List.copyOf(ready);
      ready.clear();
      running = maker;
      notifyAll();
    }
    running.ifPresent(Threads::join);
    Closing.all(left);
  }

  /** Prints how many of how many are in stock. */
  @Override
  public String toString() {
    return "pool with " + ready() + " of " + size + " " + NamespaceType.NET + " namespaces";
  }
}
