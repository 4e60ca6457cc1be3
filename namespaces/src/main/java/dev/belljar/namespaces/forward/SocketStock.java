package dev.belljar.namespaces.forward;

import dev.belljar.linux.Descriptor;
import dev.belljar.linux.LinuxException;
import dev.belljar.linux.call.Closing;
import dev.belljar.linux.call.InetCalls;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * Sockets of a namespace, made ahead and bound to the address that connections come from: to make
 * one means going inside, which takes longer than a connection.
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
    refillSoon();
    return new InsideSocket(socket == null ? make() : socket, reach);
  }

  /** Puts the first socket in, which shows whether sockets can be made at all. */
  void begin() {
    put(List.of(make()));
  }

  private Descriptor make() {
    Descriptor socket = inside.socket(reach, InetCalls.SOCK_STREAM);
    try {
      InetCalls.sendAtOnce(socket.number());
      return socket;
    } catch (RuntimeException | Error failure) {
      Closing.after(failure, socket);
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
    List<Descriptor> made = new ArrayList<>();
    try {
      for (int i = missing(); i > 0 && !isClosed(); i--) {
        made.add(make());
      }
    } catch (LinuxException e) {
      // Who takes the next one is told: it is made then and there.
    } finally {
      put(made);
      refilled();
    }
  }

  private synchronized boolean isClosed() {
    return closed;
  }

  private synchronized void refilled() {
    refilling = false;
    notifyAll();
  }

  /** How many more are wanted. */
  private synchronized int missing() {
    return closed || !inUse ? 0 : MOST - ready.size();
  }

  private synchronized void put(List<Descriptor> made) {
    ready.addAll(made);
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
    List<Descriptor> left = List.copyOf(ready);
    ready.clear();
    Closing.all(left);
  }
}
