package dev.belljar.linux.asm;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Assumptions;

/** An {@code objdump} that knows an instruction set: the second opinion on what we emit. */
final class Disassembler {
  private final List<String> command;

  private Disassembler(List<String> command) {
    this.command = command;
  }

  /** Returns the installed one, or has the calling test skipped. */
  static Disassembler installed(Isa isa) {
    List<String> names =
        switch (isa) {
          case X86_64 -> List.of("objdump", "x86_64-linux-gnu-objdump");
          case AARCH64 -> List.of("aarch64-linux-gnu-objdump", "objdump");
        };
    List<String> options =
        switch (isa) {
          case X86_64 -> List.of("-m", "i386:x86-64", "-M", "intel");
          case AARCH64 -> List.of("-m", "aarch64");
        };
    for (String name : names) {
      List<String> command = new ArrayList<>(List.of(name, "-D", "-z", "-b", "binary"));
      command.addAll(options);
      Disassembler candidate = new Disassembler(command);
      if (candidate.run(new byte[4]).isPresent()) {
        return candidate;
      }
    }
    return Assumptions.abort("no objdump for " + isa + " is installed");
  }

  /** Returns the instructions, single spaces between their parts, without comments. */
  List<String> disassemble(byte[] code) {
    String listing = run(code).orElseThrow();
    return listing
        .lines()
        .filter(line -> line.matches("\\s*[0-9a-f]+:\\t.*"))
        .map(line -> line.split("\t", 2)[1])
        .map(line -> line.replaceFirst("\\s*(//|#\\s).*", ""))
        .map(line -> line.strip().replaceAll("\\s+", " "))
        .toList();
  }

  private Optional<String> run(byte[] code) {
    try {
      Path file = Files.createTempFile("belljar-code", ".bin");
      try {
        Files.write(file, code);
        List<String> full = new ArrayList<>(command);
        full.add("--no-show-raw-insn");
        full.add(file.toString());
        return outputOf(new ProcessBuilder(full).redirectErrorStream(true));
      } finally {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Optional<String> outputOf(ProcessBuilder builder) throws IOException {
    Process process;
    try {
      process = builder.start();
    } catch (IOException e) {
      return Optional.empty(); // not installed
    }
    try {
      String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      return process.waitFor() == 0 ? Optional.of(output) : Optional.empty();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
