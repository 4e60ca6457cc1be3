package dev.belljar.namespaces.forward;

import dev.belljar.linux.Errno;
import dev.belljar.linux.call.InetCalls;
import dev.belljar.linux.uapi.Uapi;
import java.lang.foreign.MemorySegment;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * A sender of datagrams, and the socket inside that speaks for it until it is idle for a minute.
 */
final class UdpPeer extends Waiter {
  private static final long IDLE_NANOS = TimeUnit.MINUTES.toNanos(1);

  private static final Set<Errno> UNREACHABLE =
      EnumSet.of(
          Errno.EINVAL, Errno.EADDRNOTAVAIL, Errno.ENETUNREACH, Errno.EHOSTUNREACH, Errno.ENETDOWN);

  private final UdpListener listener;
  private final UdpSender sender;
  private final Endpoint inside;
  private volatile long lastUse = System.nanoTime();
  private volatile boolean aborted;
  private boolean closed;

  UdpPeer(UdpListener listener, UdpSender sender, Endpoint inside) {
    this.listener = listener;
    this.sender = sender;
    this.inside = inside;
  }

  /** Passes a datagram on; it is lost where there is no room for it. */
  synchronized void send(long address, long size) {
    if (!closed) {
      lastUse = System.nanoTime();
      long sent = InetCalls.send(inside.fd, address, size);
      if (sent == -Uapi.ECONNREFUSED()) {
        // That was the answer to one sent before, and this one has not been sent.
        sent = InetCalls.send(inside.fd, address, size);
      }
      if (sent < 0 && UNREACHABLE.contains(Errno.of((int) -sent).orElse(Errno.EPERM))) {
        abort(); // the namespace may have lost the address: the next datagram looks for another
      }
    }
  }

  void abort() {
    aborted = true;
    wake();
  }

  @Override
  public void run() {
    try {
      while (!aborted && answer()) {}
    } catch (RuntimeException | Error failure) {
      listener.report(failure);
    } finally {
      end();
    }
  }

  private boolean answer() {
    MemorySegment buffer = listener.buffers().take();
    long size;
    try {
      size = InetCalls.receive(inside.fd, buffer.address(), CopyBuffers.SIZE);
      if (size >= 0) {
        lastUse = System.nanoTime();
        listener.answer(sender, buffer.asSlice(0, size));
        return true;
      }
    } finally {
      listener.buffers().giveBack(buffer);
    }
    if (size != -Uapi.EAGAIN()) {
      return false; // nobody listens; the next datagram asks again where somebody does
    }
    aboutToWait();
    inside.wakeWhenReadable(this);
    if (!aborted) {
      await(IDLE_NANOS);
    }
    return System.nanoTime() - lastUse < IDLE_NANOS;
  }

  private void end() {
    try {
      synchronized (this) {
        closed = true;
        inside.close();
      }
    } catch (RuntimeException failure) {
      listener.report(failure);
    } finally {
      listener.ended(sender, this);
    }
  }
}
