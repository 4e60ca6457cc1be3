package dev.belljar.namespaces.forward;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.belljar.linux.Descriptor;
import dev.belljar.linux.Errno;
import dev.belljar.linux.call.FileCalls;
import dev.belljar.linux.call.InetCalls;
import dev.belljar.linux.call.PollCalls;
import dev.belljar.linux.call.Strace;
import dev.belljar.linux.event.EventLoop;
import dev.belljar.linux.syscall.Scratch;
import dev.belljar.linux.syscall.Syscall;
import dev.belljar.linux.syscall.SyscallNumber;
import dev.belljar.namespaces.Namespace;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;

/** A TCP server of a test in a network namespace, step by step. */
final class InsideServer implements AutoCloseable {
  private static final int NON_BLOCKING = 0x800 | 0x80000;
  private static final long DEADLINE = Duration.ofSeconds(20).toNanos();

  private final Descriptor listener;

  InsideServer(Namespace net, InetAddress address, int port) {
    this(net, address, port, 4096);
  }

  InsideServer(Namespace net, InetAddress address, int port, int backlog) {
    int family = address.getAddress().length == 4 ? 2 : 10;
    listener = net.rawSocket(family, InetCalls.SOCK_STREAM | 0x800, 0);
    InetCalls.prepareListener(listener.number(), address);
    InetCalls.bind(listener.number(), new InetSocketAddress(address, port));
    InetCalls.listen(listener.number(), backlog);
  }

  /** A connection, all of whose calls wait. */
  record Connection(Descriptor socket, InetSocketAddress peer) implements AutoCloseable {
    String read(int most) {
      await();
      try (Scratch scratch = Scratch.open()) {
        MemorySegment memory = scratch.allocate(most);
        long count = InetCalls.receive(socket.number(), memory.address(), most);
        if (count < 0) {
          throw new IllegalStateException("errno " + -count);
        }
        return new String(memory.asSlice(0, count).toArray(ValueLayout.JAVA_BYTE), UTF_8);
      }
    }

    /** The errno of a read that fails. */
    long readError() {
      try (Scratch scratch = Scratch.open()) {
        MemorySegment memory = scratch.allocate(1 << 16);
        while (true) {
          await();
          long count = InetCalls.receive(socket.number(), memory.address(), 1 << 16);
          if (count <= 0) {
            return -count;
          }
        }
      }
    }

    void write(byte[] bytes) {
      FileCalls.write(socket.number(), bytes);
    }

    /** Writes until there is no room any more, and returns how much that was. */
    long writeUntilFull() {
      return writeUntilFull(1 << 16);
    }

    /** Writes pieces of a size until there is no room any more. */
    long writeUntilFull(long size) {
      long total = 0;
      try (Scratch scratch = Scratch.open()) {
        MemorySegment memory = scratch.allocate(size);
        long count = InetCalls.send(socket.number(), memory.address(), size);
        while (count > 0) {
          total += count;
          count = InetCalls.send(socket.number(), memory.address(), size);
        }
      }
      return total;
    }

    /** Sends back what comes, until its end. */
    void echo() {
      try (Scratch scratch = Scratch.open()) {
        MemorySegment memory = scratch.allocate(1 << 16);
        while (true) {
          long count = InetCalls.receive(socket.number(), memory.address(), 1 << 16);
          if (count == 0) {
            endOutput();
            return;
          }
          if (count == -Errno.EAGAIN.number()) {
            await();
            continue;
          }
          for (long sent = 0; sent < count; ) {
            long taken = InetCalls.send(socket.number(), memory.address() + sent, count - sent);
            if (taken == -Errno.EAGAIN.number()) {
              EventLoop.awaitWritable(socket.number());
            } else {
              sent += Strace.check(taken, () -> "send");
            }
          }
        }
      }
    }

    void endOutput() {
      InetCalls.endOutput(socket.number());
    }

    void reset() {
      InetCalls.resetOnClose(socket.number());
      socket.close();
    }

    // A virtual thread must not block in a call: on a machine with one processor nothing else of
    // them would run, those of the forwarder included.
    private void await() {
      if (!EventLoop.awaitReadable(socket.number(), DEADLINE)) {
        throw new IllegalStateException("nothing came in time");
      }
    }

    @Override
    public void close() {
      socket.close();
    }
  }

  /** Waits until somebody has connected, without taking a descriptor. */
  boolean awaitConnection() {
    return PollCalls.awaitReadable(listener.number(), DEADLINE);
  }

  Connection accept() {
    if (!awaitConnection()) {
      throw new IllegalStateException("nobody connected in time");
    }
    try (Scratch scratch = Scratch.open()) {
      MemorySegment name = scratch.allocate(InetCalls.ADDRESS_SIZE);
      MemorySegment size = scratch.allocate(8);
      size.set(ValueLayout.JAVA_INT, 0, InetCalls.ADDRESS_SIZE);
      long fd =
          Strace.check(
              Syscall.call(
                  SyscallNumber.ACCEPT4,
                  listener.number(),
                  name.address(),
                  size.address(),
                  NON_BLOCKING),
              () -> "accept4");
      return new Connection(FileCalls.own(fd), InetCalls.address(name));
    }
  }

  @Override
  public void close() {
    listener.close();
  }
}
