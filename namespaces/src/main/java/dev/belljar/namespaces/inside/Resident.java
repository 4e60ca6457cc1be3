package dev.belljar.namespaces.inside;

import static dev.belljar.linux.call.Strace.check;
import static dev.belljar.linux.call.Strace.quote;

import dev.belljar.linux.Descriptor;
import dev.belljar.linux.Errno;
import dev.belljar.linux.LinuxException;
import dev.belljar.linux.call.Closing;
import dev.belljar.linux.call.DescriptorPassing;
import dev.belljar.linux.call.FileCalls;
import dev.belljar.linux.call.OpenFlags;
import dev.belljar.linux.call.Pipe;
import dev.belljar.linux.event.EventLoop;
import dev.belljar.linux.launch.Child;
import dev.belljar.linux.launch.ExecVector;
import dev.belljar.linux.launch.Launch;
import dev.belljar.linux.launch.LaunchImage;
import dev.belljar.linux.launch.Launcher;
import dev.belljar.linux.syscall.Syscall;
import dev.belljar.linux.syscall.SyscallNumber;
import dev.belljar.linux.uapi.Uapi;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** The small process that waits inside a namespace of an ordinary user. */
final class Resident implements AutoCloseable {
  private static final long DEADLINE_NANOS = TimeUnit.SECONDS.toNanos(10);
  private static final String OWNER =
      "only root of the user namespace that owns it may enter; this user does not own that one";

  private final Child child;
  private final Descriptor socket;

  /**
   * What the process is asked for.
   *
   * @param bytes the message
   * @param text the call, as strace would print it
   */
  record Request(byte[] bytes, String text) {
    static Request socket(int domain, int type, int protocol, String text) {
      return new Request(words(ResidentProgram.SOCKET, domain, type, protocol, ""), text);
    }

    static Request open(String path, int flags) {
      int all = flags | OpenFlags.O_CLOEXEC;
      return new Request(
          words(ResidentProgram.OPEN, Syscall.AT_FDCWD, all, 0, path),
          "openat(AT_FDCWD, %s, %s)"
              .formatted(quote(path.getBytes(StandardCharsets.UTF_8)), OpenFlags.text(all)));
    }

    private static byte[] words(int request, int a, int b, int c, String path) {
      byte[] name = path.getBytes(StandardCharsets.UTF_8);
      if (name.length > ResidentProgram.LONGEST_PATH) {
        throw new LinuxException(Errno.ENAMETOOLONG.number(), "openat(AT_FDCWD, ...)");
      }
      return ByteBuffer.allocate(ResidentProgram.PATH + name.length + 1)
          .order(ByteOrder.LITTLE_ENDIAN)
          .putInt(request)
          .putInt(a)
          .putInt(b)
          .putInt(c)
          .put(name)
          .array();
    }
  }

  private Resident(Child child, Descriptor socket) {
    this.child = child;
    this.socket = socket;
  }

  /**
   * Starts it.
   *
   * @param namespace where it is to wait
   * @param kind the kind, as a {@code CLONE_NEW*} flag
   * @throws LinuxException when this user may not enter
   */
  static Resident start(Descriptor namespace, long kind) {
    try (Descriptor owner = owner(namespace);
        LaunchImage image = LaunchImage.of(ResidentProgram.of(kind))) {
      Pipe sockets = DescriptorPassing.socketPair();
      try {
        Child child =
            Launcher.start(
                new Launch(
                    image,
                    ExecVector.of(List.of(), List.of()),
                    0,
                    0,
                    Optional.empty(),
                    List.of(owner.number(), namespace.number(), sockets.write().number()),
                    false,
                    Optional.empty(),
                    DEADLINE_NANOS));
        Resident resident = new Resident(child, sockets.read());
        try {
          sockets.write().close();
        } catch (LinuxException e) {
          Closing.after(e, resident);
          throw e;
        }
        return resident;
      } catch (RuntimeException | Error failure) {
        Closing.after(failure, sockets);
        throw failure;
      }
    } catch (LinuxException e) {
      LinuxException failure = e.doing("entering a namespace by a process of ours");
      throw e.is(Errno.EPERM) ? failure.withRemedy(OWNER) : failure;
    }
  }

  private static Descriptor owner(Descriptor namespace) {
    int fd = namespace.number();
    long owner = Syscall.call(SyscallNumber.IOCTL, fd, Uapi.NS_GET_USERNS());
    check(owner, () -> "ioctl(" + fd + ", NS_GET_USERNS)");
    return FileCalls.own(owner);
  }

  /** Asks for a descriptor. */
  synchronized Descriptor ask(Request request) {
    DescriptorPassing.send(socket.number(), request.bytes());
    if (!EventLoop.awaitReadable(socket.number(), DEADLINE_NANOS)) {
      throw new LinuxException(
          Errno.ETIMEDOUT.number(), request.text(), "waiting for the process inside", "");
    }
    DescriptorPassing.Message answer =
        DescriptorPassing.receive(socket.number())
            .orElseThrow(() ->
                new LinuxException(
                    Errno.ESRCH.number(), request.text(), "asking the process inside", ""));
    check(answer.value(), request::text);
    return answer
        .descriptor()
        .orElseThrow(
            () -> // such as for want of a free number
            new LinuxException(Errno.EMFILE.number(), request.text(), "taking a descriptor", ""));
  }

  /** Lets it end, and waits for that. */
  @Override
  public void close() {
    try {
      socket.close();
    } finally {
      if (!child.await(DEADLINE_NANOS)) {
        child.signal(Uapi.SIGKILL());
        child.await(DEADLINE_NANOS);
      }
    }
  }
}
