package dev.belljar.namespaces.inside;

import static dev.belljar.linux.call.Strace.check;

import dev.belljar.linux.Descriptor;
import dev.belljar.linux.Errno;
import dev.belljar.linux.LinuxException;
import dev.belljar.linux.call.Closing;
import dev.belljar.linux.call.FileCalls;
import dev.belljar.linux.syscall.Syscall;
import dev.belljar.linux.syscall.SyscallNumber;
import java.net.ProtocolFamily;
import java.nio.channels.DatagramChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * The way into one namespace: makes a single object inside and returns it.
 *
 * <p>With privilege a thread of ours enters, makes the call and comes back at once, in some
 * microseconds. For an ordinary user setns(2) into a USER namespace is refused to a process of many
 * threads, so a small process waits inside and passes what it makes through a socket; it is started
 * with the first use and ends with {@link #close}.
 */
public final class Inside implements AutoCloseable {
  private static final int SOCK_STREAM = 1;
  private static final int SOCK_DGRAM = 2;
  private static final int SOCK_CLOEXEC = 0x80000;

  private final Descriptor namespace;
  private final long kind;
  private final String file;
  private Resident resident;
  private boolean closed;

  /**
   * Makes a way in, which costs nothing before it is used.
   *
   * @param namespace the namespace, which stays the caller's and must stay open
   * @param kind its {@code CLONE_NEW*} flag: NET, IPC, UTS or CGROUP
   * @param file the name of its kind in {@code /proc/self/ns}
   */
  public Inside(Descriptor namespace, long kind, String file) {
    this.namespace = namespace;
    this.kind = kind;
    this.file = file;
  }

  /**
   * Makes calls inside, on a thread of ours: for privileged callers.
   *
   * @param calls system calls of this library that do not block; nothing that could start a thread
   * @return what they returned
   * @throws LinuxException EPERM when this user may not enter
   */
  public <T> T call(Supplier<T> calls) {
    return InsideThread.call(namespace, kind, file, calls);
  }

  /**
   * Makes a socket inside; it belongs to that NET namespace wherever it is used.
   *
   * @param domain {@code AF_*}
   * @param type {@code SOCK_*}; it is close-on-exec in any case
   * @param protocol the protocol, 0 for the usual one
   * @return the socket, which is the caller's
   * @throws LinuxException when the kernel refuses
   * @see <a href="https://man7.org/linux/man-pages/man2/socket.2.html">socket(2)</a>
   */
  public Descriptor socket(int domain, int type, int protocol) {
    int all = type | SOCK_CLOEXEC;
    Resident.Request request = request(domain, all, protocol);
    return either(() -> socketHere(domain, all, protocol), resident -> resident.ask(request));
  }

  private static Descriptor socketHere(int domain, int type, int protocol) {
    long fd = Syscall.call(SyscallNumber.SOCKET, domain, type, protocol);
    check(fd, () -> socketText(domain, type, protocol));
    return FileCalls.own(fd);
  }

  /**
   * Makes several sockets by one change into the namespace; see {@link #socket}.
   *
   * @param count how many, at least 1
   * @return the sockets, which are the caller's; fewer when the kernel has refused the rest
   * @throws LinuxException when the kernel refuses the first
   */
  public List<Descriptor> sockets(int domain, int type, int protocol, int count) {
    int all = type | SOCK_CLOEXEC;
    Resident.Request request = request(domain, all, protocol);
    return either(
        () -> several(count, () -> socketHere(domain, all, protocol)),
        resident -> several(count, () -> resident.ask(request)));
  }

  private static List<Descriptor> several(int count, Supplier<Descriptor> making) {
    List<Descriptor> made = new ArrayList<>(List.of(making.get()));
    try {
      while (made.size() < count) {
        made.add(making.get());
      }
    } catch (LinuxException e) {
      // Who wants another is told when that is asked for.
    } catch (RuntimeException | Error failure) {
      Closing.after(failure, () -> Closing.all(made));
      throw failure;
    }
    return made;
  }

  private static Resident.Request request(int domain, int type, int protocol) {
    return Resident.Request.socket(domain, type, protocol, socketText(domain, type, protocol));
  }

  private static String socketText(int domain, int type, int protocol) {
    return "socket(%d, 0x%x, %d)".formatted(domain, type, protocol);
  }

  /**
   * Opens a file as it is seen inside, such as {@code /proc/thread-self/net/route} or a file of
   * {@code /proc/sys}.
   *
   * @param path an absolute path
   * @param flags {@link dev.belljar.linux.call.OpenFlags}
   * @return the file, which is the caller's
   * @throws LinuxException when the kernel refuses
   */
  public Descriptor open(String path, int flags) {
    Resident.Request request = Resident.Request.open(path, flags);
    return either(() -> FileCalls.open(path, flags), resident -> resident.ask(request));
  }

  /**
   * Opens a channel for a TCP server whose socket is inside.
   *
   * @return the channel, which is the caller's
   */
  public ServerSocketChannel serverSocketChannel() {
    return JdkChannels.inside(
        ServerSocketChannel::open, domain -> socket(domain, SOCK_STREAM, 0), true);
  }

  /** Opens the same of one family; see {@link #serverSocketChannel()}. */
  public ServerSocketChannel serverSocketChannel(ProtocolFamily family) {
    return JdkChannels.inside(
        () -> ServerSocketChannel.open(family), domain -> socket(domain, SOCK_STREAM, 0), true);
  }

  /**
   * Opens a channel for a TCP client whose socket is inside.
   *
   * @return the channel, which is the caller's
   */
  public SocketChannel socketChannel() {
    return JdkChannels.inside(SocketChannel::open, domain -> socket(domain, SOCK_STREAM, 0), false);
  }

  /** Opens the same of one family; see {@link #socketChannel()}. */
  public SocketChannel socketChannel(ProtocolFamily family) {
    return JdkChannels.inside(
        () -> SocketChannel.open(family), domain -> socket(domain, SOCK_STREAM, 0), false);
  }

  /**
   * Opens a channel for UDP whose socket is inside.
   *
   * @return the channel, which is the caller's
   */
  public DatagramChannel datagramChannel() {
    return JdkChannels.inside(
        DatagramChannel::open, domain -> socket(domain, SOCK_DGRAM, 0), false);
  }

  /** Opens the same of one family; see {@link #datagramChannel()}. */
  public DatagramChannel datagramChannel(ProtocolFamily family) {
    return JdkChannels.inside(
        () -> DatagramChannel.open(family), domain -> socket(domain, SOCK_DGRAM, 0), false);
  }

  private <T> T either(Supplier<T> calls, Function<Resident, T> asking) {
    synchronized (this) {
      if (resident != null) {
        return asking.apply(resident);
      }
    }
    boolean[] entered = new boolean[1];
    try {
      return call(() -> {
        entered[0] = true;
        return calls.get();
      });
    } catch (LinuxException e) {
      if (entered[0] || !e.is(Errno.EPERM)) {
        throw e;
      }
    }
    return asking.apply(resident());
  }

  private synchronized Resident resident() {
    if (closed) {
      throw new IllegalStateException("the namespace is closed");
    }
    if (resident == null) {
      resident = Resident.start(namespace, kind);
    }
    return resident;
  }

  /** Ends the process inside, if there is one. What it made stays open. */
  @Override
  public void close() {
    Resident ending;
    synchronized (this) {
      closed = true;
      ending = resident;
      resident = null;
    }
    if (ending != null) {
      ending.close();
    }
  }
}
