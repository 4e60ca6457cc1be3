package dev.belljar;

import dev.belljar.linux.Descriptor;
import dev.belljar.linux.Errno;
import dev.belljar.linux.LinuxException;
import dev.belljar.linux.Signal;
import dev.belljar.linux.call.Closing;
import dev.belljar.linux.call.DescriptorPassing;
import dev.belljar.linux.call.FileCalls;
import dev.belljar.linux.call.OpenFlags;
import dev.belljar.linux.call.Pipe;
import dev.belljar.linux.event.EventLoop;
import dev.belljar.linux.launch.Child;
import dev.belljar.linux.syscall.Syscall;
import dev.belljar.program.KeptDescriptors;
import dev.belljar.stream.Streams;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** The descriptors of a process's standard streams: the process's ends, and this JVM's. */
final class StdioPlan implements AutoCloseable {
  private static final int FILE_MODE = 0666;
  private static final long DEATH_NANOS = TimeUnit.SECONDS.toNanos(30);

  private final List<Descriptor> childEnds = new ArrayList<>();
  private final List<Optional<Descriptor>> ourEnds = new ArrayList<>();
  private final int[] numbers = new int[3];
  private Optional<Pipe> sockets = Optional.empty();
  private Optional<Descriptor> terminal = Optional.empty();
  private Optional<Streams> terminalStreams = Optional.empty();

  private StdioPlan() {}

  static StdioPlan open(Stdio stdin, Stdio stdout, Stdio stderr) {
    StdioPlan plan = new StdioPlan();
    try {
      plan.add(0, stdin);
      plan.add(1, stdout);
      plan.add(2, stderr);
      return plan;
    } catch (RuntimeException | Error failure) {
      Closing.after(failure, plan);
      plan.ourEnds.forEach(end -> Closing.after(failure, end.orElse(null)));
      throw failure;
    }
  }

  /** A terminal, which the process makes and hands over. */
  static StdioPlan terminal() {
    StdioPlan plan = new StdioPlan();
    plan.sockets = Optional.of(DescriptorPassing.socketPair());
    return plan;
  }

  /** The number of the socket that the process sends the terminal through. */
  int terminalSocket() {
    return sockets.orElseThrow().write().number();
  }

  /**
   * Takes the terminal, if there is to be one, of a process that has sent it.
   *
   * @param process the process, which is ended when this fails
   * @throws LinuxException EMFILE when this JVM can have no more descriptors
   */
  void receiveTerminal(Child process) {
    if (sockets.isEmpty()) {
      return;
    }
    try {
      receiveTerminal();
    } catch (RuntimeException | Error failure) {
      process.signal(Signal.SIGKILL.number());
      process.await(DEATH_NANOS);
      throw failure;
    }
  }

  private void receiveTerminal() {
    int socket = sockets.get().read().number();
    terminal =
        EventLoop.awaitReadable(socket, 0)
            ? DescriptorPassing.receive(socket).flatMap(DescriptorPassing.Message::descriptor)
            : Optional.empty();
    if (terminal.isEmpty()) {
      throw new LinuxException(
          Errno.EMFILE.number(), "recvmsg(...)", "taking the command's terminal", "");
    }
    terminalStreams = Optional.of(Streams.of(terminal.get()));
  }

  private void add(int stream, Stdio choice) {
    Optional<Descriptor> ours = Optional.empty();
    switch (choice) {
      case Stdio.Pipe _ -> {
        Pipe pipe = FileCalls.pipe(0);
        childEnds.add(stream == 0 ? pipe.read() : pipe.write());
        numbers[stream] = childEnds.getLast().number();
        ours = Optional.of(stream == 0 ? pipe.write() : pipe.read());
      }
      case Stdio.Inherit _ -> numbers[stream] = stream;
      case Stdio.Discard _ -> numbers[stream] = KeptDescriptors.nullDevice().number();
      case Stdio.File file -> {
        childEnds.add(openFile(stream, file));
        numbers[stream] = childEnds.getLast().number();
      }
    }
    ourEnds.add(ours);
  }

  private static Descriptor openFile(int stream, Stdio.File file) {
    int flags = OpenFlags.O_RDONLY;
    if (stream != 0) {
      flags =
          OpenFlags.O_WRONLY
              | OpenFlags.O_CREAT
              | (file.append() ? OpenFlags.O_APPEND : OpenFlags.O_TRUNC);
    }
    try {
      return FileCalls.open(
          Syscall.AT_FDCWD, file.path().bytes(), flags | OpenFlags.O_NOCTTY, FILE_MODE);
    } catch (LinuxException e) {
      throw e.doing("opening the file of a standard stream");
    }
  }

  /** The number of the process's end of a stream, in this JVM. */
  int number(int stream) {
    return numbers[stream];
  }

  /** This JVM's ends, which are the caller's from now on. */
  Streams streams() {
    return terminalStreams.orElseGet(
        () -> new Streams(ourEnds.get(0), ourEnds.get(1), ourEnds.get(2)));
  }

  /** Closes the process's ends, which the process has by now. */
  @Override
  public void close() {
    List<AutoCloseable> all = new ArrayList<>(childEnds);
    sockets.ifPresent(all::add);
    Closing.all(all);
  }

  /** Closes everything after a failed start. */
  void abandon(Throwable failure) {
    Closing.after(failure, this);
    ourEnds.forEach(end -> Closing.after(failure, end.orElse(null)));
    Closing.after(
        failure, terminalStreams.isPresent() ? terminalStreams.get() : terminal.orElse(null));
  }
}
