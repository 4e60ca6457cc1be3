package dev.belljar.linux.asm;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** Executes a launch image from a file, on this processor or in an emulator of the other one. */
final class ImageRun {
  /** What the runner wrote when a step failed. */
  record Report(int step, int errno, long result) {}

  /** What an image left behind. */
  record Outcome(int status, byte[] out, byte[] err) {
    String text() {
      return new String(out, StandardCharsets.UTF_8);
    }

    /** A cell's value, as {@link TestImage#printCellsAndExit} printed it. */
    long cell(TestImage.Operand cell) {
      int offset = (int) (cell.value() - ImageLayout.DATA_ADDRESS);
      return ByteBuffer.wrap(out).order(ByteOrder.LITTLE_ENDIAN).getLong(offset);
    }

    Report report() {
      if (err.length != ImageLayout.REPORT_SIZE) {
        throw new AssertionError("no report: " + this + new String(err, StandardCharsets.UTF_8));
      }
      ByteBuffer report = ByteBuffer.wrap(err).order(ByteOrder.LITTLE_ENDIAN);
      return new Report(report.getInt(), report.getInt(), report.getLong());
    }
  }

  private static final String EMULATOR = "qemu-aarch64-static";
  private static final String TRACE = "QEMU_STRACE=1";
  private static final int DEADLINE_SECONDS = 60;

  private ImageRun() {}

  /** Returns why an instruction set's images cannot be run here, if so. */
  static Optional<String> obstacle(Isa isa) {
    if (isNative(isa) || isa == Isa.AARCH64 && emulator().isPresent()) {
      return Optional.empty();
    }
    return Optional.of(
        switch (isa) {
          case X86_64 -> "the processor is not x86-64";
          case AARCH64 ->
              "the processor is not aarch64 and %s is not installed".formatted(EMULATOR);
        });
  }

  static boolean isNative(Isa isa) {
    return System.getProperty("os.arch")
        .equals(
            switch (isa) {
              case X86_64 -> "amd64";
              case AARCH64 -> "aarch64";
            });
  }

  private static Optional<String> emulator() {
    for (String folder : System.getenv().getOrDefault("PATH", "").split(":", -1)) {
      Path candidate = Path.of(folder, EMULATOR);
      if (Files.isExecutable(candidate)) {
        return Optional.of(candidate.toString());
      }
    }
    return Optional.empty();
  }

  /** Runs it with the arguments and nothing but {@code NAME=value} in its environment. */
  static Outcome run(TestImage image, String... arguments) {
    return run(image.isa(), file(image), List.of(), List.of(arguments));
  }

  /** Runs an ELF file made otherwise; an emulator writes the calls to standard error. */
  static Outcome runTraced(Isa isa, byte[] elf) {
    return run(isa, elf, isNative(isa) ? List.of() : List.of("env", TRACE), List.of());
  }

  private static byte[] file(TestImage image) {
    return ElfImage.wrap(image.isa(), image.data());
  }

  /** Runs it with these descriptors in its table. */
  static Outcome runWithInputs(TestImage image, List<Integer> descriptors) {
    // Only a shell can give a program an argv[0] that is no text.
    StringBuilder table = new StringBuilder("$'");
    for (int descriptor : descriptors) {
      for (int i = 0; i < ImageLayout.DESCRIPTOR_SIZE; i++) {
        table.append("\\x%02x".formatted(0x80 | descriptor >> (7 * i) & 0x7f));
      }
    }
    table.append('\'');
    String script =
        isNative(image.isa())
            ? "exec -a %s \"$0\"".formatted(table)
            : "exec %s -0 %s \"$0\"".formatted(emulator().orElseThrow(), table);
    return run(image.isa(), file(image), List.of("bash", "-c", script), List.of());
  }

  private static Outcome run(Isa isa, byte[] elf, List<String> before, List<String> arguments) {
    try {
      Path file =
          Files.createTempFile(
              "belljar-image",
              "",
              PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
      try {
        Files.write(file, elf);
        List<String> command = new ArrayList<>(before);
        if (!before.contains("bash") && !isNative(isa)) {
          command.add(emulator().orElseThrow());
        }
        command.add(file.toString());
        command.addAll(arguments);
        return run(command);
      } finally {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Outcome run(List<String> command) throws IOException {
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().clear();
    builder.environment().put("NAME", "value");
    Process process = builder.start();
    try {
      process.getOutputStream().close();
      // All output fits into the pipes, so it can be read once the process has ended.
      if (!process.waitFor(DEADLINE_SECONDS, TimeUnit.SECONDS)) {
        throw new AssertionError("does not end: " + command);
      }
      return new Outcome(
          process.exitValue(),
          process.getInputStream().readAllBytes(),
          process.getErrorStream().readAllBytes());
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    } finally {
      process.destroyForcibly();
    }
  }
}
