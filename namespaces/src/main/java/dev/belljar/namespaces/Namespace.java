package dev.belljar.namespaces;

import dev.belljar.linux.BytePath;
import dev.belljar.linux.Descriptor;
import dev.belljar.linux.LinuxException;
import dev.belljar.linux.call.Closing;
import dev.belljar.linux.call.FileCalls;
import dev.belljar.linux.call.FileStatus;
import dev.belljar.linux.call.OpenFlags;
import dev.belljar.linux.call.ProcessCalls;
import dev.belljar.linux.syscall.Syscall;
import dev.belljar.namespaces.inside.Inside;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.Callable;

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
public final class Namespace extends NamespaceSockets implements AutoCloseable {
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
   * Opens a namespace of a process that is held by its pidfd, so that its number cannot have become
   * another process's.
   *
   * @param pidfd the process
   * @param type the kind
   * @return the namespace, to be closed
   * @throws LinuxException ESRCH when the process has ended, EACCES or EPERM when it may not be
   *     looked into
   * @throws IllegalArgumentException when it is no pidfd
   * @see <a href="https://man7.org/linux/man-pages/man2/pidfd_open.2.html">pidfd_open(2)</a>
   */
  public static Namespace of(Descriptor pidfd, NamespaceType type) {
    Namespace namespace = of(ProcessCalls.pidOf(pidfd.number()), type);
    try {
      NamespaceCalls.requireAlive(pidfd); // so the number was its own all the time
      return namespace;
    } catch (LinuxException e) {
      Closing.after(e, namespace);
      throw e;
    }
  }

  /**
   * Opens a namespace of this JVM: that of its first thread, whoever asks. Code that {@link #call}
   * runs inside another one asks {@link #ofThread}.
   *
   * @param type the kind
   * @return the namespace, to be closed
   * @throws LinuxException ENOENT when the kernel lacks the kind
   */
  public static Namespace current(NamespaceType type) {
    return open("/proc/self/ns/" + type.fileName());
  }

  /**
   * Opens a namespace of the calling thread, or of the one that carries it if it is a virtual one.
   * It is another than {@link #current} for code that runs inside a namespace only, by {@link
   * #call} or {@link Namespaces#unshare}.
   *
   * @param type the kind
   * @return the namespace, to be closed
   * @throws LinuxException ENOENT when the kernel lacks the kind
   */
  public static Namespace ofThread(NamespaceType type) {
    return open("/proc/thread-self/ns/" + type.fileName());
  }

  /**
   * Opens a namespace by a file: one of {@code /proc/<pid>/ns}, or one that it was bound to.
   *
   * @param path the file
   * @return the namespace, to be closed
   * @throws LinuxException when it can not be opened
   * @throws IllegalArgumentException when it is no namespace
   */
  public static Namespace open(Path path) {
    return open(BytePath.of(path));
  }

  /**
   * Opens a namespace by a file; see {@link #open(Path)}.
   *
   * @param path the file
   * @return the namespace, to be closed
   */
  public static Namespace open(String path) {
    return open(BytePath.of(path));
  }

  static Namespace open(BytePath path) {
    // O_NONBLOCK: a pipe or device at that place would hold this thread up
    int flags = OpenFlags.O_RDONLY | OpenFlags.O_NONBLOCK;
    return adopt(FileCalls.open(Syscall.AT_FDCWD, path.bytes(), flags, 0), path.toString());
  }

  /**
   * Opens the same namespace once more: the new object is closed apart from this one.
   *
   * @return the namespace, to be closed
   * @throws LinuxException when the kernel refuses
   */
  public Namespace reopen() {
    return open("/proc/self/fd/" + descriptor.number());
  }

  private static Namespace adopt(Descriptor descriptor, String path) {
    try {
      return new Namespace(NamespaceCalls.type(descriptor, path), descriptor);
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
    return new Namespace(NamespaceType.NET, NamespaceCalls.ofSocket(socket));
  }

  /**
   * Returns the kind.
   *
   * @return the kind
   */
  @Override
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
   * Opens the USER namespace that owns this one: whose root may change it. A USER namespace is
   * owned by its parent.
   *
   * @return the namespace, to be closed; empty when it is above this JVM's own, where nobody may
   *     see it
   * @throws LinuxException when the kernel refuses
   */
  public Optional<Namespace> owner() {
    return adopt(NamespaceCalls.owner(descriptor));
  }

  /**
   * Opens the namespace that this one is nested in.
   *
   * @return the namespace, to be closed; empty when this one is the first, or the parent is out of
   *     sight of this JVM
   * @throws IllegalStateException when it is neither USER nor PID: other kinds do not nest
   * @throws LinuxException when the kernel refuses
   */
  public Optional<Namespace> parent() {
    if (type != NamespaceType.USER && type != NamespaceType.PID) {
      throw new IllegalStateException("only USER and PID namespaces have parents, not " + this);
    }
    return adopt(NamespaceCalls.parent(descriptor));
  }

  private static Optional<Namespace> adopt(Optional<Descriptor> found) {
    return found.map(descriptor -> adopt(descriptor, descriptor.toString()));
  }

  /**
   * Tells who made the USER namespace: this one, or the one that {@linkplain #owner owns} it. Since
   * processes of that user outside may do everything inside, it says who administrates this one.
   *
   * @return the user id, as this JVM's USER namespace has it; 65534 when it has none for it. Empty
   *     when the owner is out of sight of this JVM
   * @throws LinuxException when the kernel refuses
   */
  public OptionalLong ownerUid() {
    if (type == NamespaceType.USER) {
      return OptionalLong.of(NamespaceCalls.ownerUid(descriptor));
    }
    try (Descriptor owner = NamespaceCalls.owner(descriptor).orElse(null)) {
      return owner == null ? OptionalLong.empty() : OptionalLong.of(NamespaceCalls.ownerUid(owner));
    }
  }

  /**
   * Finds the processes that are in the namespace: those that this user may look into.
   *
   * @return their numbers as this JVM sees them, in order
   * @throws LinuxException when /proc cannot be read
   */
  public List<Long> processes() {
    try (ProcessScan scan = new ProcessScan()) {
      return scan.in(type, new ProcessScan.Identity(device, inode));
    }
  }

  /**
   * Binds the namespace to a file, by which it lives on without a process or handle, and {@link
   * #open(Path)} finds it again. The file's directory becomes a private tmpfs of ours, unless it is
   * one already; so it must be empty or absent, such as {@code /run/belljar}.
   *
   * @param file an absolute path, where nothing must be yet
   * @throws IllegalArgumentException when the directory holds other files
   * @throws IllegalStateException when this is a PID namespace whose process 1 has ended: nothing
   *     can be started in it any more. It is kept only for as long as that process lives
   * @throws LinuxException EEXIST when there is a file already, EPERM without CAP_SYS_ADMIN
   */
  public void keep(Path file) {
    if (type == NamespaceType.PID && processes().isEmpty()) {
      throw new IllegalStateException(
          "the process 1 of " + this + " has ended: nothing can be started in it any more");
    }
    KeptFile.at(BytePath.of(file)).bind(descriptor);
  }

  /**
   * Undoes {@link #keep}: the namespace ends when nothing else holds it. With the last file, the
   * directory's tmpfs goes too, and the directory if it was made for that.
   *
   * @param file the file
   * @throws IllegalArgumentException when the file's directory is none of ours
   * @throws LinuxException ENOENT when there is no such file, EPERM without CAP_SYS_ADMIN
   */
  public static void release(Path file) {
    KeptFile.at(BytePath.of(file)).release();
  }

  /**
   * Runs code inside, on a new thread: for code that starts no thread, since that would have this
   * namespace for good. The JDK's pools are started before, outside; afterwards every thread of
   * this JVM is looked at. {@code NetworkInterface}, {@code /proc/net}, {@code /proc/self} and
   * {@link #current} do not follow a thread: use {@code NetworkStack.current()}, {@code
   * /proc/thread-self} and {@link #ofThread}.
   *
   * @param code the code; in a MOUNT namespace, classes it needs are best loaded before
   * @param <T> what it returns
   * @return what it returned
   * @throws ThreadLeftInsideException when a thread is still inside afterwards
   * @throws UnsupportedOperationException when this is PID, TIME or USER, which a thread cannot
   *     enter: exec a command into a container instead
   * @throws LinuxException EPERM for an ordinary user, who may use the other methods
   * @throws Exception what the code threw
   */
  public <T> T call(Callable<T> code) throws Exception {
    return ThreadNamespaces.call(this, code);
  }

  /**
   * Returns the device of its file, by which, together with {@link #inode}, the namespace is
   * identified.
   *
   * @return the device's number, as {@code st_dev} of stat(2) has it
   */
  public long device() {
    return device;
  }

  @Override
  Inside inside() {
    return inside;
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
