package dev.belljar.linux.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Whether this is a virtual machine of {@code scripts/run-in-vm}, which is thrown away afterwards:
 * there tests attack what on a machine that somebody uses only stand-ins are attacked for.
 *
 * <p>The machine says so in its kernel's command line, which no caller's environment can set.
 */
public final class ThrowAwayMachine {
  private static final String PARAMETER = "belljar.throw_away_machine";

  private ThrowAwayMachine() {}

  /** Tells whether nobody minds what becomes of this machine. */
  public static boolean isThis() {
    try {
      String line = Files.readString(Path.of("/proc/cmdline"));
      return List.of(line.strip().split("\\s+")).contains(PARAMETER);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
