package dev.belljar.benchmarks;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Who takes part in the comparison of published ports.
 *
 * @param name the name for the tables
 * @param process its process, if it has one of its own
 * @param pid the process whose processor time is counted
 * @param port where it listens
 */
record ForwardPeer(String name, Optional<Process> process, long pid, int port)
    implements AutoCloseable {
  private static final double TICKS_PER_SECOND = 100;
  private static final int USER_TIME = 11; // counted from behind the command's name
  private static final int SYSTEM_TIME = 12;

  static ForwardPeer of(String name, long pid, int port) {
    return new ForwardPeer(name, Optional.empty(), pid, port);
  }

  /** Starts a program that prints one line when it is ready: its port, if it chose one. */
  static ForwardPeer start(String name, List<String> command) throws IOException {
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    BufferedReader output = process.inputReader(StandardCharsets.UTF_8);
    String line = output.readLine();
    if (line == null) {
      throw new IllegalStateException(String.join(" ", command) + " failed");
    }
    int port = line.equals("ready") ? 0 : Integer.parseInt(line);
    return new ForwardPeer(name, Optional.of(process), process.pid(), port);
  }

  /** The processor time it has used, its children's not included. */
  double cpuSeconds() throws IOException {
    String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
    String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
    return (Long.parseLong(fields[USER_TIME]) + Long.parseLong(fields[SYSTEM_TIME]))
        / TICKS_PER_SECOND;
  }

  /** A field of its status, such as {@code VmRSS}, in kilobytes. */
  long kilobytes(String field) throws IOException {
    return Files.readAllLines(Path.of("/proc/" + pid + "/status")).stream()
        .filter(line -> line.startsWith(field + ":"))
        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
        .findFirst()
        .orElseThrow();
  }

  /**
   * Lets {@code VmHWM} begin anew.
   *
   * @see <a href="https://man7.org/linux/man-pages/man5/proc_pid_clear_refs.5.html">clear_refs</a>
   */
  void forgetPeak() throws IOException {
    Files.writeString(Path.of("/proc/" + pid + "/clear_refs"), "5");
  }

  void check() {
    if (process.isPresent() && !process.get().isAlive()) {
      throw new IllegalStateException(name + " has ended");
    }
  }

  @Override
  public void close() {
    process.ifPresent(running -> {
      running.destroyForcibly();
      try {
        running.waitFor();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    });
  }
}
