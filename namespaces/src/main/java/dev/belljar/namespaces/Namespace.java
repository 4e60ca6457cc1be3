package dev.belljar.namespaces;

import static dev.belljar.linux.call.Strace.check;

import dev.belljar.linux.Descriptor;
import dev.belljar.linux.LinuxException;
import dev.belljar.linux.call.FileCalls;
import dev.belljar.linux.call.FileStatus;
import dev.belljar.linux.call.OpenFlags;
import dev.belljar.linux.syscall.Syscall;
import dev.belljar.linux.syscall.SyscallNumber;
import dev.belljar.linux.uapi.Uapi;
import dev.belljar.namespaces.inside.Inside;

/**
 * A namespace, held by an open descriptor: it lives as long as this object, even without a process.
 *
 * <p>Two objects are equal when they are the same namespace.
 *
 * {@snippet :
 * try (Namespace net = Namespace.of(ProcessHandle.current().pid(), NamespaceType.NET)) {
 *   Container.builder().join(net).command("ip", "link").start().waitFor();
 * }
 * }
 *
 * @see <a href="https://man7.org/linux/man-pages/man7/namespaces.7.html">namespaces(7)</a>
 */
public final class Namespace implements AutoCloseable {
  private static final int SIOCGSKNS = 0x894c;

  private final NamespaceType type;
  private final Descriptor descriptor;
  private final long device;
  private final long inode;
  private final Inside inside;

  private Namespace(NamespaceType type, Descriptor descriptor) {
    this.type = type;
    this.descriptor = descriptor;
    FileStatus status = FileStatus.of(descriptor.number());
    this.device = status.device();
    this.inode = status.inode();
    this.inside = new Inside(descriptor, type.flag(), type.fileName());
  }

  /**
   * Opens a namespace of a process.
   *
   * @param pid the process, as this JVM sees it
   * @param type the kind
   * @return the namespace, to be closed
   * @throws LinuxException ENOENT when there is no such process or the kernel lacks the kind,
   *     EACCES or EPERM when the process may not be looked into
   */
  public static Namespace of(long pid, NamespaceType type) {
    return open("/proc/" + pid + "/ns/" + type.fileName());
  }

  /**
   * Opens a namespace of this JVM.
   *
   * @param type the kind
   * @return the namespace, to be closed
   * @throws LinuxException ENOENT when the kernel lacks the kind
   */
  public static Namespace current(NamespaceType type) {
    return open("/proc/self/ns/" + type.fileName());
  }

  /**
   * Opens a namespace by a file: one of {@code /proc/<pid>/ns}, or one that it was bound to.
   *
   * @param path the file
   * @return the namespace, to be closed
   * @throws LinuxException when it can not be opened
   * @throws IllegalArgumentException when it is no namespace
   */
  public static Namespace open(String path) {
    Descriptor descriptor = FileCalls.open(path, OpenFlags.O_RDONLY);
    try {
      return new Namespace(typeOf(descriptor, path), descriptor);
    } catch (RuntimeException failure) {
      descriptor.close();
      throw failure;
    }
  }

  /**
   * Opens the NET namespace that a socket belongs to.
   *
   * @param socket the socket
   * @return the namespace, to be closed
   * @throws LinuxException EPERM when this user may not administrate that namespace
   */
  public static Namespace ofSocket(Descriptor socket) {
    int fd = socket.number();
    long opened = Syscall.call(SyscallNumber.IOCTL, fd, SIOCGSKNS);
    check(opened, () -> "ioctl(" + fd + ", SIOCGSKNS)");
    return new Namespace(NamespaceType.NET, FileCalls.own(opened));
  }

  private static NamespaceType typeOf(Descriptor descriptor, String path) {
    int fd = descriptor.number();
    long flag = Syscall.call(SyscallNumber.IOCTL, fd, Uapi.NS_GET_NSTYPE());
    if (flag == -Uapi.ENOTTY()) {
      throw new IllegalArgumentException(path + " is not a namespace");
    }
    check(flag, () -> "ioctl(" + fd + ", NS_GET_NSTYPE)");
    return NamespaceType.ofFlag(flag)
        .orElseThrow(
            () -> new IllegalArgumentException(path + " is a namespace of an unknown kind"));
  }

  /**
   * Returns the kind.
   *
   * @return the kind
   */
  public NamespaceType type() {
    return type;
  }

  /**
   * Returns the number that identifies the namespace among those that live, as {@code ls -l
   * /proc/self/ns} and lsns(8) show it.
   *
   * @return the inode number of its file
   */
  public long inode() {
    return inode;
  }

  /**
   * Returns the descriptor that holds the namespace; it stays this object's.
   *
   * @return the descriptor
   */
  public Descriptor descriptor() {
    return descriptor;
  }

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
    return inside.socket(domain, type, protocol);
  }

  /**
   * Opens a file as it is seen inside, such as {@code /proc/thread-self/net/route}, or one below
   * {@code /proc/sys} that belongs to the namespace.
   *
   * @param path an absolute path
   * @param flags {@code O_*}, which O_CLOEXEC is added to
   * @return the file, to be closed
   * @throws LinuxException when the kernel refuses; EPERM when this user may not enter
   */
  public Descriptor openFile(String path, int flags) {
    return inside.open(path, flags);
  }

  private void require(NamespaceType wanted, String what) {
    if (type != wanted) {
      throw new IllegalStateException(
          what + " needs a namespace of the kind " + wanted + ", not " + type);
    }
  }

  /** Lets go of the namespace, which ends when nothing else holds it. */
  @Override
  public void close() {
    try {
      inside.close();
    } finally {
      descriptor.close();
    }
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Namespace namespace
        && namespace.device == device
        && namespace.inode == inode;
  }

  @Override
  public int hashCode() {
    return Long.hashCode(inode);
  }

  /** Prints it as the kernel does, such as {@code net:[4026531840]}. */
  @Override
  public String toString() {
    return type.fileName() + ":[" + inode + "]";
  }
}
