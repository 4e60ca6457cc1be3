package dev.belljar.rootfs.tree;

import dev.belljar.linux.Descriptor;
import dev.belljar.linux.Errno;
import dev.belljar.linux.LinuxException;
import dev.belljar.linux.call.Closing;
import dev.belljar.linux.call.DescriptorPassing;
import dev.belljar.linux.call.FileCalls;
import dev.belljar.linux.call.Pipe;
import dev.belljar.linux.event.EventLoop;
import dev.belljar.linux.launch.Child;
import dev.belljar.linux.launch.ExecVector;
import dev.belljar.linux.launch.Launch;
import dev.belljar.linux.launch.LaunchImage;
import dev.belljar.linux.launch.Launcher;
import dev.belljar.linux.launch.LoadingAhead;
import dev.belljar.linux.syscall.Syscall;
import dev.belljar.linux.syscall.SyscallNumber;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * A process that keeps a file system in memory mounted in a namespace of its own, and makes copies
 * of the mount for containers: a mount can only be copied where it is mounted.
 *
 * <p>Whoever is not root gets a USER namespace for it too, with himself as its root. When the
 * keeper is closed the process ends by itself, and frees the files; nobody waits for that.
 */
public final class TreeKeeper implements AutoCloseable {
  private static final long DEADLINE_NANOS = TimeUnit.SECONDS.toNanos(30);
  private static final byte[] WORD = {1, 0, 0, 0, 0, 0, 0, 0};

  private final Descriptor socket;
  private final Descriptor tree;

  private TreeKeeper(Descriptor socket, Descriptor tree) {
    this.socket = socket;
    this.tree = tree;
  }

  /**
   * Starts one, with an empty file system.
   *
   * @param mayMount whether this JVM may mount without a USER namespace
   * @throws LinuxException when it cannot be started; nothing is left
   */
  public static TreeKeeper start(boolean mayMount) {
    Pipe sockets = DescriptorPassing.socketPair();
    Descriptor mine = sockets.read();
    try {
      int pid = launch(sockets.write(), !mayMount);
      if (!mayMount) {
        mapToRoot(pid);
      }
      return new TreeKeeper(mine, ask(mine));
    } catch (RuntimeException | Error failure) {
      Closing.after(failure, mine); // which ends the process
      throw failure;
    }
  }

  /** Begins to load what the JVM's first keeper needs, beside whatever is done until it starts. */
  public static void loadAhead() {
    LoadingAhead.begin(() -> KeeperProgram.of(false));
  }

  // Only the process may hold its end of the sockets, so that its death is seen at the other.
  private static int launch(Descriptor socket, boolean withUser) {
    try (socket;
        LaunchImage image = LaunchImage.of(KeeperProgram.of(withUser))) {
      Child child =
          Launcher.start(
              new Launch(
                  image,
                  ExecVector.of(List.of(), List.of()),
                  0,
                  KeeperProgram.namespaces(withUser),
                  Optional.empty(),
                  List.of(socket.number()),
                  false,
                  Optional.empty(),
                  DEADLINE_NANOS));
      return child.pid();
    }
  }

  private static void mapToRoot(int pid) {
    String folder = "/proc/" + pid + "/";
    FileCalls.writeFile(Syscall.AT_FDCWD, folder + "setgroups", "deny");
    FileCalls.writeFile(
        Syscall.AT_FDCWD, folder + "uid_map", "0 " + Syscall.call(SyscallNumber.GETEUID) + " 1");
    FileCalls.writeFile(
        Syscall.AT_FDCWD, folder + "gid_map", "0 " + Syscall.call(SyscallNumber.GETEGID) + " 1");
  }

  private static Descriptor ask(Descriptor socket) {
    DescriptorPassing.send(socket.number(), WORD);
    if (!EventLoop.awaitReadable(socket.number(), DEADLINE_NANOS)) {
      throw failure(Errno.ETIMEDOUT);
    }
    return DescriptorPassing.receive(socket.number())
        .flatMap(DescriptorPassing.Message::descriptor)
        .orElseThrow(() -> failure(Errno.ESRCH));
  }

  private static LinuxException failure(Errno errno) {
    return new LinuxException(
        errno.number(), "recvmsg(...)", "asking the process that keeps a tree", "");
  }

  /** The directory of the file system, which may be changed. */
  public int directory() {
    return tree.number();
  }

  /**
   * Makes a detached copy of the mount.
   *
   * @return the copy, of the same files
   * @throws LinuxException when the process has ended, or the kernel refuses
   */
  public synchronized Descriptor copy() {
    return ask(socket);
  }

  @Override
  public void close() {
    Closing.all(List.of(tree, socket));
  }
}
