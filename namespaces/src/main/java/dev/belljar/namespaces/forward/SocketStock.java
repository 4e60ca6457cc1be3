package dev.belljar.namespaces.forward;

import dev.belljar.linux.Descriptor;
import dev.belljar.linux.LinuxException;
import dev.belljar.linux.call.Closing;
import dev.belljar.linux.call.InetCalls;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/**
 * Sockets of a namespace, made ahead and bound to the address that connections come from: to make
 * one means going inside, which takes longer than a connection. So several are made by one way in.
 *
 * <p>There is one until the first connection and eight from then on.
 */
final class SocketStock implements AutoCloseable {
  private static final int MOST = 8;

  private final InsideSockets inside;
  private final Reach reach;
  private final Deque<Descriptor> ready = new ArrayDeque<>();
  private boolean inUse;
  private boolean refilling;
  private boolean closed;

  SocketStock(InsideSockets inside, Reach reach) {
    this.inside = inside;
    this.reach = reach;
  }

  Reach reach() {
    return reach;
  }

  /**
   * Takes a socket.
   *
   * @throws LinuxException when none can be made; EMFILE or ENFILE for lack of descriptors
   */
  InsideSocket take() {
    Descriptor socket;
    synchronized (this) {
      socket = ready.poll();
      inUse = true;
    }
    if (socket == null) {
      socket = makeSome();
    } else {
      refillSoon();
    }
    return new InsideSocket(socket, reach);
  }

  /** Makes as many as there may be, or one while others are being made, and returns one. */
  private Descriptor makeSome() {
    List<Descriptor> made = make(isRefilling() ? 1 : MOST);
    put(made.subList(1, made.size()));
    return made.getFirst();
  }

  /** Puts the first socket in, which shows whether sockets can be made at all. */
  void begin() {
    put(make(1));
  }

  /** Closes what nobody has taken, when descriptors have run out; whether there was any. */
  boolean spare() {
    List<Descriptor> spared;
    synchronized (this) {
      spared = List.copyOf(ready);
      ready.clear();
    }
    Closing.all(spared);
    return !spared.isEmpty();
  }

  private List<Descriptor> make(int count) {
    List<Descriptor> made = inside.sockets(reach, InetCalls.SOCK_STREAM, count);
    try {
      made.forEach(socket -> InetCalls.sendAtOnce(socket.number()));
      return made;
    } catch (RuntimeException | Error failure) {
      Closing.after(failure, () -> Closing.all(made));
      throw failure;
    }
  }

  private void refillSoon() {
    synchronized (this) {
      if (closed || refilling || ready.size() > MOST / 2) {
        return;
      }
      refilling = true;
    }
    Thread.ofVirtual().name("belljar-forward").start(this::refill);
  }

  private void refill() {
    try {
      int missing = missing();
      if (missing > 0) {
        put(make(missing));
      }
    } catch (LinuxException e) {
      // Who takes the next one is told: it is made then and there.
    } finally {
      refilled();
    }
  }

  private synchronized boolean isRefilling() {
    return refilling;
  }

  private synchronized void refilled() {
    refilling = false;
    notifyAll();
  }

  /** How many more are wanted. */
  private synchronized int missing() {
    return closed || !inUse ? 0 : MOST - ready.size();
  }

  private void put(List<Descriptor> made) {
    synchronized (this) {
      if (!closed || refilling) {
        ready.addAll(made);
        return;
      }
    }
    Closing.all(made); // somebody took one while this was closed
  }

  /** Closes what is there, once nothing more comes. */
  @Override
  public synchronized void close() {
    closed = true;
    boolean interrupted = false;
    while (refilling) {
      try {
        wait();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    spare();
  }
}
