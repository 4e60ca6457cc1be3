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
  private final NamespaceType type;
  private final Descriptor descriptor;
  private final long device;
  private final long inode;

  private Namespace(NamespaceType type, Descriptor descriptor) {
    this.type = type;
    this.descriptor = descriptor;
    FileStatus status = FileStatus.of(descriptor.number());
    this.device = status.device();
    this.inode = status.inode();
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

  /** Lets go of the namespace, which ends when nothing else holds it. */
  @Override
  public void close() {
    descriptor.close();
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
