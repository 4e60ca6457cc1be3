package dev.belljar.stream;

import dev.belljar.linux.Descriptor;
import dev.belljar.linux.call.Closing;
import dev.belljar.linux.call.FileCalls;
import dev.belljar.linux.call.TerminalCalls;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** This JVM's ends of a process's standard streams, those that are pipes. */
public final class Streams implements AutoCloseable {
  private final Optional<PipeOutput> input;
  private final Optional<PipeInput> output;
  private final Optional<PipeInput> errors;
  private final Optional<Descriptor> terminal;

  /**
   * Takes the ends of the pipes.
   *
   * @param input what the process reads
   * @param output what it writes
   * @param errors what it writes to standard error
   */
  public Streams(
      Optional<Descriptor> input, Optional<Descriptor> output, Optional<Descriptor> errors) {
    this.input = input.map(PipeOutput::new);
    this.output = output.map(PipeInput::new);
    this.errors = errors.map(PipeInput::new);
    this.terminal = Optional.empty();
  }

  private Streams(Descriptor input, Descriptor output, Descriptor terminal) {
    this.input = Optional.of(new PipeOutput(input));
    this.output = Optional.of(new PipeInput(output));
    this.errors = Optional.empty();
    this.terminal = Optional.of(terminal);
  }

  /**
   * Takes the master of a terminal.
   *
   * @param terminal the master, which stays the caller's if this fails
   */
  public static Streams of(Descriptor terminal) {
    Descriptor input = FileCalls.duplicate(terminal.number());
    try {
      return new Streams(input, FileCalls.duplicate(terminal.number()), terminal);
    } catch (RuntimeException | Error failure) {
      Closing.after(failure, input);
      throw failure;
    }
  }

  /**
   * Sets the size of the terminal's window, of which its foreground processes are told.
   *
   * @param size a {@code struct winsize}
   * @throws IllegalStateException when there is no terminal, or the process has ended
   */
  public void resize(byte[] size) {
    Descriptor master =
        terminal.orElseThrow(() -> new IllegalStateException("the process has no terminal"));
    synchronized (master) {
      if (master.isClosed()) {
        throw new IllegalStateException("the process has ended");
      }
      TerminalCalls.setWindowSize(master.number(), size);
    }
  }

  private static void close(Descriptor master) {
    synchronized (master) {
      master.close();
    }
  }

  /** Returns the stream to the process's input; one that refuses everything without a pipe. */
  public OutputStream input() {
    return input.isPresent() ? input.get() : ClosedOutput.STREAM;
  }

  /** Returns the stream of the process's output; an empty one without a pipe. */
  public InputStream output() {
    return output.isPresent() ? output.get() : InputStream.nullInputStream();
  }

  /** Returns the stream of the process's errors; an empty one without a pipe. */
  public InputStream errors() {
    return errors.isPresent() ? errors.get() : InputStream.nullInputStream();
  }

  /** Lets go of the pipes of a process that has ended; what it wrote can still be read. */
  public void processEnded() {
    List<AutoCloseable> all = new ArrayList<>();
    input.ifPresent(stream -> all.add(stream::processEnded));
    output.ifPresent(stream -> all.add(stream::processEnded));
    errors.ifPresent(stream -> all.add(stream::processEnded));
    terminal.ifPresent(master -> all.add(() -> close(master)));
    Closing.all(all);
  }

  /** Closes the pipes. */
  @Override
  public void close() {
    List<AutoCloseable> all = new ArrayList<>();
    input.ifPresent(all::add);
    output.ifPresent(all::add);
    errors.ifPresent(all::add);
    terminal.ifPresent(master -> all.add(() -> close(master)));
    Closing.all(all);
  }
}
