package dev.belljar.cgroups.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A small program in C, for what no shell can do. Needs gcc(1). */
public final class CProgram {
  private CProgram() {}

  /** Compiles a program and returns where it is. */
  public static Path compile(Path folder, String source) {
    try {
      Path text = Files.writeString(folder.resolve("program.c"), source);
      Path program = folder.resolve("program");
      LoopDevice.command("gcc", "-o", program.toString(), text.toString());
      return program;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
