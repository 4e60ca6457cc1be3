package dev.belljar.cgroups.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** Waiting in tests, with a deadline that only a failure reaches. */
public final class Ending {
  /** The exit status of a shell whose command was killed with SIGKILL. */
  public static final int KILLED = 137;

  /** The exit status of a process that got SIGBUS, as Java sees it. */
  public static final int BUS_ERROR = 135;

  private static final Duration DEADLINE = Duration.ofMinutes(2); // machines may be emulated

  private Ending() {}

  /** Waits for the end of a process and returns its exit status. */
  public static int of(Process process) {
    try {
      if (!process.waitFor(DEADLINE.toSeconds(), TimeUnit.SECONDS)) {
        throw new AssertionError("process " + process.pid() + " does not end");
      }
      return process.exitValue();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  /** Waits for the end of a process and returns what it printed. */
  public static String output(Process process) {
    try {
      String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      of(process);
      return text.strip();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Waits for a line that a process prints. */
  public static String line(Process process) {
    try {
      StringBuilder line = new StringBuilder();
      for (int c = process.getInputStream().read(); c >= 0 && c != '\n'; ) {
        line.append((char) c);
        c = process.getInputStream().read();
      }
      return line.toString();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Waits until something holds. */
  public static void await(String what, BooleanSupplier holds) {
    long end = System.nanoTime() + DEADLINE.toNanos();
    while (!holds.getAsBoolean()) {
      if (System.nanoTime() > end) {
        throw new AssertionError("does not happen: " + what);
      }
      LockSupport.parkNanos(Duration.ofMillis(5).toNanos());
    }
  }
}
