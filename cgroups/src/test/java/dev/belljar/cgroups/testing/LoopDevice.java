package dev.belljar.cgroups.testing;

import dev.belljar.linux.DeviceNumber;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * A disk for one test, made of a file; it goes when it is closed. Needs root and losetup(8).
 *
 * {@snippet :
 * try (LoopDevice disk = LoopDevice.make(folder, 32 << 20)) {
 *   group.run("dd if=" + disk + " of=/dev/null iflag=direct");
 * }
 * }
 */
public final class LoopDevice implements AutoCloseable {
  private final Path file;
  private final String device;

  private final RandomAccessFile open; // the last to close a disk drops its page cache

  private LoopDevice(Path file, String device) throws IOException {
    this.file = file;
    this.device = device;
    this.open = new RandomAccessFile(device, "r");
  }

  /**
   * Makes a disk of some bytes, all zero.
   *
   * @param folder where its file is put
   */
  public static LoopDevice make(Path folder, long bytes) {
    try {
      Path file = Files.createTempFile(folder, "disk", "");
      try (RandomAccessFile contents = new RandomAccessFile(file.toFile(), "rw")) {
        contents.setLength(bytes);
      }
      return of(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static LoopDevice of(Path file) throws IOException {
    return new LoopDevice(file, command("losetup", "--find", "--show", file.toString()));
  }

  /**
   * Makes a disk and swaps to it, until swapoff(8).
   *
   * <p>No page is missing in its file. A page that the file grows by is charged to the group whose
   * memory is swapped out; on tmpfs that fails when the group is full: the write fails, what was to
   * be swapped stays in memory, and swapoff(8) fails with ENOMEM.
   *
   * @param folder where its file is put
   */
  public static LoopDevice makeSwap(Path folder, int bytes) {
    try {
      Path file = Files.createTempFile(folder, "swap", "");
      Files.write(file, new byte[bytes]);
      LoopDevice disk = of(file);
      try {
        command("mkswap", disk.toString());
        command("swapon", disk.toString());
        return disk;
      } catch (AssertionError e) {
        disk.close();
        throw e;
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Its number. */
  public DeviceNumber number() {
    return DeviceNumber.parse(read("dev"));
  }

  /** Has it scheduled by {@code none}, {@code bfq} or {@code mq-deadline}. */
  public LoopDevice schedule(String scheduler) {
    write("queue/scheduler", scheduler);
    return this;
  }

  /** Tells whether the kernel has a scheduler for it. */
  public boolean has(String scheduler) {
    return read("queue/scheduler").contains(scheduler);
  }

  /** Tells whether a scheduler is in use. */
  public boolean isScheduledBy(String scheduler) {
    return read("queue/scheduler").contains("[" + scheduler + "]");
  }

  /** Changes a file of the disk below {@code /sys/block}. */
  public void write(String name, String value) {
    try {
      Files.writeString(sys(name), value);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private String read(String name) {
    try {
      return Files.readString(sys(name)).strip();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Path sys(String name) {
    return Path.of("/sys/block", Path.of(device).getFileName().toString(), name);
  }

  /** Runs a command to its end and returns the first line of what it printed. */
  public static String command(String... words) {
    try {
      Process process = new ProcessBuilder(words).redirectErrorStream(true).start();
      process.getOutputStream().close();
      String output;
      try (var from = process.getInputStream()) {
        output = new String(from.readAllBytes(), StandardCharsets.UTF_8).strip();
      }
      if (process.waitFor() != 0) {
        throw new AssertionError(List.of(words) + " failed: " + output);
      }
      return output.lines().findFirst().orElse("");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  @Override
  public void close() {
    schedule("none");
    try {
      open.close();
      command("losetup", "--detach", device);
      Files.delete(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Returns its path, such as {@code /dev/loop0}. */
  @Override
  public String toString() {
    return device;
  }
}
