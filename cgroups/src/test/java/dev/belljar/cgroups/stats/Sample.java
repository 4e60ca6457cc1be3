package dev.belljar.cgroups.stats;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Objects;

/** Texts of control files, as the parsers take them. */
final class Sample {
  private Sample() {}

  /**
   * Reads a file captured on a machine of ours: {@code hybrid-6.18} is the root group of a host
   * with Linux 6.18, {@code v1-6.1} and {@code v2-6.1} a group on Debian 12's Linux 6.1 that had
   * read 2 MiB from a loop device and written 1 MiB to it.
   */
  static byte[] captured(String name) {
    try (InputStream file = Sample.class.getResourceAsStream(name)) {
      return Objects.requireNonNull(file, name).readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static String text(String name) {
    return new String(captured(name), StandardCharsets.UTF_8);
  }

  static void parse(Counters counters, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    counters.parse(withSlack(bytes), bytes.length);
  }

  /** What comes after a text is what a longer one left there. */
  static byte[] withSlack(byte[] text) {
    byte[] bytes = Arrays.copyOf(text, text.length + FileText.SLACK);
    Arrays.fill(bytes, text.length, bytes.length, (byte) '7');
    return bytes;
  }
}
