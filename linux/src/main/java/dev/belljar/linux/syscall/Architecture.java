package dev.belljar.linux.syscall;

import java.util.Locale;

/** A processor architecture whose system call numbers and machine code Belljar knows. */
public enum Architecture {
  /** 64-bit x86, called {@code amd64} by Java. */
  X86_64,
  /** 64-bit ARM. */
  AARCH64;

  /**
   * Returns the architecture of the running JVM.
   *
   * @return the architecture
   * @throws UnsupportedOperationException when it is neither x86-64 nor aarch64
   */
  public static Architecture current() {
    return named(System.getProperty("os.arch", ""));
  }

  static Architecture named(String osArch) {
    return switch (osArch.toLowerCase(Locale.ROOT)) {
      case "amd64", "x86_64" -> X86_64;
      case "aarch64", "arm64" -> AARCH64;
      default ->
          throw new UnsupportedOperationException(
              "Belljar knows the processor architectures x86-64 and aarch64, not '" + osArch + "'");
    };
  }
}
