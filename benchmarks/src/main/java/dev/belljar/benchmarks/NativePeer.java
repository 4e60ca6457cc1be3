package dev.belljar.benchmarks;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A process of the C program, which does the work, and times it, each time it is asked.
 *
 * <p>Other programs are started by it too, since a start from Java would add to their time.
 */
final class NativePeer implements Peer {
  private final String name;
  private final Process process;

  private NativePeer(String name, Process process) {
    this.name = name;
    this.process = process;
  }

  /**
   * Starts the C program.
   *
   * @param name the name for the table
   * @param program its path
   * @param arguments see {@code peer.c}
   */
  static NativePeer start(String name, Path program, List<String> arguments) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(program.toString());
    command.addAll(arguments);
    return new NativePeer(
        name, new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start());
  }

  @Override
  public String name() {
    return name;
  }

  /** Returns its number. */
  long pid() {
    return process.pid();
  }

  @Override
  public long run() throws IOException {
    process.getOutputStream().write('x');
    process.getOutputStream().flush();
    byte[] nanos = process.getInputStream().readNBytes(Long.BYTES);
    if (nanos.length < Long.BYTES) {
      throw new IllegalStateException(name + " has failed");
    }
    return ByteBuffer.wrap(nanos).order(ByteOrder.nativeOrder()).getLong();
  }

  @Override
  public void close() {
    try (InputStream answers = process.getInputStream()) {
      process.getOutputStream().close();
      answers.readAllBytes(); // until it has ended
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
