package dev.belljar;

import dev.belljar.linux.BytePath;
import dev.belljar.linux.Descriptor;
import dev.belljar.linux.Errno;
import dev.belljar.linux.LinuxException;
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
import dev.belljar.namespaces.NamespaceType;
import dev.belljar.program.ContainerProgram;
import dev.belljar.program.Input;
import dev.belljar.program.RootProgram;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** The root directory of a running container as an exec finds it, with all that is mounted now. */
final class ContainerRoot {
  private static final long DEADLINE_NANOS = Duration.ofSeconds(30).toNanos();
  private static final int DIRECTORY = OpenFlags.O_PATH | OpenFlags.O_DIRECTORY;

  private ContainerRoot() {}

  /**
   * Opens it for a reader. The path {@code /proc/PID/root} would lead elsewhere after a chroot(2),
   * and is closed to ordinary users.
   *
   * @param container the container, {@linkplain RunningContainer#whileHeld held} meanwhile
   * @param pidfd the descriptor of its first process
   * @param reader is given the directory, a descriptor to open files by
   * @return what the reader returns
   * @throws LinuxException when the kernel refuses, ESRCH when the container has ended
   */
  static <T> T read(RunningContainer container, int pidfd, Function<Descriptor, T> reader) {
    if (!container.blueprint().isolation.owns(NamespaceType.MOUNT)) {
      try (Descriptor root =
          FileCalls.open(Syscall.AT_FDCWD, BytePath.of("/").bytes(), DIRECTORY, 0)) {
        return reader.apply(root);
      }
    }
    List<NamespaceType> handles =
        container.handles().isEmpty() ? List.of() : EntryHandles.types(container.blueprint());
    ContainerProgram program = RootProgram.of(handles);
    try (Pipe sockets = DescriptorPassing.socketPair();
        LaunchImage image = LaunchImage.of(program.program())) {
      Child child =
          Launcher.start(
              new Launch(
                  image,
                  ExecVector.of(List.of(), List.of()),
                  0,
                  container.blueprint().isolation.own(),
                  Optional.empty(),
                  program.inputs().stream()
                      .map(input -> descriptor(input, container, pidfd, sockets.write()))
                      .toList(),
                  false,
                  Optional.empty(),
                  DEADLINE_NANOS));
      child.await(DEADLINE_NANOS);
      var _ = child.status(); // which tells when it could not be reaped
      try (Descriptor root = receive(sockets.read())) {
        return reader.apply(root);
      }
    }
  }

  private static int descriptor(
      Input input, RunningContainer container, int pidfd, Descriptor socket) {
    return switch (input) {
      case Input.Single single when single == Input.Single.CONTAINER -> pidfd;
      case Input.Single single when single == Input.Single.ROOT -> socket.number();
      case Input.Entered(int index) -> container.handles().get(index).descriptor().number();
      default -> throw new IllegalStateException(input.label() + " has no place here");
    };
  }

  private static Descriptor receive(Descriptor socket) {
    Optional<Descriptor> root =
        EventLoop.awaitReadable(socket.number(), 0)
            ? DescriptorPassing.receive(socket.number())
                .flatMap(DescriptorPassing.Message::descriptor)
            : Optional.empty();
    return root.orElseThrow(() ->
        new LinuxException(
            Errno.EMFILE.number(), "recvmsg(...)", "taking the container's root directory", ""));
  }
}
