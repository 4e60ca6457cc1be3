package dev.belljar.namespaces;

import dev.belljar.linux.Descriptor;
import dev.belljar.linux.LinuxException;
import dev.belljar.namespaces.inside.Inside;
import java.net.Socket;
import java.nio.channels.DatagramChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.List;

/**
 * What is opened inside a namespace and then used from anywhere. Only the library's own thread goes
 * inside, for the one system call, and comes back.
 */
abstract sealed class NamespaceSockets permits Namespace {
  /**
   * Returns the kind.
   *
   * @return the kind
   */
  public abstract NamespaceType type();

  abstract Inside inside();

  /**
   * Makes a socket inside, of any kind: it belongs to this namespace wherever it is used.
   *
   * @param domain {@code AF_*}, such as 16 for AF_NETLINK
   * @param type {@code SOCK_*}, which SOCK_CLOEXEC is added to
   * @param protocol the protocol, 0 for the usual one
   * @return the socket, to be closed
   * @throws LinuxException EPERM when this user may not enter the namespace
   * @throws IllegalStateException when this is no NET namespace
   * @see <a href="https://man7.org/linux/man-pages/man2/socket.2.html">socket(2)</a>
   */
  public Descriptor rawSocket(int domain, int type, int protocol) {
    require(NamespaceType.NET, "a socket");
    return inside().socket(domain, type, protocol);
  }

  /**
   * Makes several sockets inside at once, which takes hardly longer than one; see {@link
   * #rawSocket}.
   *
   * @param domain {@code AF_*}
   * @param type {@code SOCK_*}, which SOCK_CLOEXEC is added to
   * @param protocol the protocol, 0 for the usual one
   * @param count how many, at least 1
   * @return the sockets, to be closed; fewer when the kernel has refused the rest, such as for want
   *     of descriptors
   * @throws LinuxException EPERM when this user may not enter the namespace, or what else the first
   *     was refused for
   * @throws IllegalStateException when this is no NET namespace
   * @throws IllegalArgumentException when the count is below 1
   */
  public List<Descriptor> rawSockets(int domain, int type, int protocol, int count) {
    require(NamespaceType.NET, "a socket");
    if (count < 1) {
      throw new IllegalArgumentException("at least one socket is made, not " + count);
    }
    return inside().sockets(domain, type, protocol, count);
  }

  /**
   * Opens a file as it is seen inside, such as {@code /proc/thread-self/net/route}, or one below
   * {@code /proc/sys} that belongs to the namespace.
   *
   * @param path an absolute path
   * @param flags {@code O_*}, which O_CLOEXEC is added to
   * @return the file, to be closed
   * @throws LinuxException when the kernel refuses; EPERM when this user may not enter
   * @throws UnsupportedOperationException when this is a MOUNT, PID, TIME or USER namespace, which
   *     a thread cannot enter and leave again
   */
  public Descriptor openFile(String path, int flags) {
    switch (type()) {
      case MOUNT ->
          throw new UnsupportedOperationException(
              "no file is opened in a MOUNT namespace, which a thread enters for good: call() runs"
                  + " code there on a thread of its own");
      case PID, TIME, USER ->
          throw new UnsupportedOperationException(
              "no file is opened in a "
                  + type()
                  + " namespace, which a thread of the JVM cannot enter: exec a command into a"
                  + " container that has it");
      case CGROUP, IPC, NET, UTS -> {}
    }
    return inside().open(path, flags);
  }

  /**
   * Makes a TCP socket inside; see {@link #socketChannel}.
   *
   * @return the socket, to be closed
   * @throws LinuxException EPERM when this user may not enter the namespace
   * @throws IllegalStateException when this is no NET namespace
   */
  public Socket socket() {
    return socketChannel().socket();
  }

  /**
   * Opens a channel that connects from inside: to what {@code 127.0.0.1} and every other address
   * are there. It may be used from any thread; only its socket is inside().
   *
   * @return the channel, to be closed
   * @throws LinuxException EPERM when this user may not enter the namespace
   * @throws IllegalStateException when this is no NET namespace
   */
  public SocketChannel socketChannel() {
    require(NamespaceType.NET, "a socket");
    return inside().socketChannel();
  }

  /**
   * Opens a channel that listens inside, once it is bound.
   *
   * @return the channel, to be closed
   * @throws LinuxException EPERM when this user may not enter the namespace
   * @throws IllegalStateException when this is no NET namespace
   */
  public ServerSocketChannel serverSocketChannel() {
    require(NamespaceType.NET, "a socket");
    return inside().serverSocketChannel();
  }

  /**
   * Opens a channel for UDP inside().
   *
   * @return the channel, to be closed
   * @throws LinuxException EPERM when this user may not enter the namespace
   * @throws IllegalStateException when this is no NET namespace
   */
  public DatagramChannel datagramChannel() {
    require(NamespaceType.NET, "a socket");
    return inside().datagramChannel();
  }

  private void require(NamespaceType wanted, String what) {
    if (type() != wanted) {
      throw new IllegalStateException(
          what + " needs a namespace of the kind " + wanted + ", not " + type());
    }
  }
}
