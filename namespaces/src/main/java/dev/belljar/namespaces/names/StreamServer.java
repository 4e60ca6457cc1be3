package dev.belljar.namespaces.names;

import dev.belljar.linux.LinuxException;
import dev.belljar.linux.call.Closing;
import dev.belljar.linux.call.Threads;
import dev.belljar.namespaces.Namespace;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.StandardSocketOptions;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Answers DNS queries over TCP, as resolvers send them when an answer did not fit into a datagram.
 *
 * <p>At most 32 connections are served at a time; others wait in the kernel. One that asks nothing
 * for ten seconds is closed.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc7766">RFC 7766</a>
 */
final class StreamServer implements AutoCloseable {
  private static final int MOST = 32;
  private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(50);
  private static final int IDLE_MILLIS = 10_000;

  /** What is answered to a query; empty to what is none. */
  interface Answering {
    Optional<byte[]> answer(byte[] query);
  }

  private final ServerSocketChannel channel;
  private final Answering answering;
  private final Semaphore free = new Semaphore(MOST);
  private final Set<SocketChannel> open = new HashSet<>();
  private final Set<Thread> serving = new HashSet<>();
  private final Thread thread = NameServer.thread(this::accept, "belljar-names-tcp");
  private boolean closed;

  private StreamServer(ServerSocketChannel channel, Answering answering) {
    this.channel = channel;
    this.answering = answering;
  }

  static StreamServer start(Namespace host, InetSocketAddress address, Answering answering)
      throws IOException {
    ServerSocketChannel channel = HostSockets.listener(host, address.getAddress());
    try {
      channel.setOption(StandardSocketOptions.SO_REUSEADDR, true);
      channel.setOption(StandardSocketOptions.SO_REUSEPORT, true);
      channel.bind(address);
      StreamServer server = new StreamServer(channel, answering);
      server.thread.start();
      return server;
    } catch (IOException | RuntimeException | Error failure) {
      Closing.after(failure, channel);
      throw failure;
    }
  }

  private void accept() {
    while (channel.isOpen()) {
      free.acquireUninterruptibly();
      try {
        begin(channel.accept());
      } catch (IOException failed) {
        free.release(); // the listener is closed, that connection was lost, or descriptors ran out
        if (channel.isOpen()) {
          LockSupport.parkNanos(PAUSE_NANOS);
        }
      }
    }
  }

  private void begin(SocketChannel connection) {
    Thread server =
        NameServer.thread(
            () -> {
              try {
                serve(connection);
              } finally {
                ended(connection);
              }
            },
            "belljar-name");
    synchronized (this) {
      if (!closed) {
        open.add(connection);
        serving.add(server);
        try {
          server.start();
          return;
        } catch (OutOfMemoryError noThread) { // the user's or the group's threads are used up
          serving.remove(server);
        }
      }
    }
    ended(connection);
  }

  private void serve(SocketChannel connection) {
    try {
      Socket socket = connection.socket();
      socket.setSoTimeout(IDLE_MILLIS);
      Optional<byte[]> query = StreamMessages.read(socket.getInputStream());
      while (query.isPresent()) {
        Optional<byte[]> answer = answering.answer(query.get());
        if (answer.isEmpty()) {
          return;
        }
        StreamMessages.write(socket.getOutputStream(), answer.get());
        query = StreamMessages.read(socket.getInputStream());
      }
    } catch (IOException | LinuxException gone) {
      // Who asked went away, or is to ask again.
    }
  }

  private void ended(SocketChannel connection) {
    try {
      connection.close();
    } catch (IOException lost) {
      // It is closed all the same.
    }
    synchronized (this) {
      open.remove(connection);
      serving.remove(Thread.currentThread());
    }
    free.release();
  }

  /** Stops answering, and waits for the threads. */
  @Override
  public void close() {
    List<AutoCloseable> work = new ArrayList<>();
    List<Thread> threads = new ArrayList<>();
    synchronized (this) {
      closed = true;
      work.add(channel);
      work.addAll(open);
      threads.add(thread);
      threads.addAll(serving);
    }
    try {
      Closing.all(work);
    } finally {
      free.release(); // should it wait for a connection to end
      threads.forEach(Threads::join);
    }
  }
}
