package dev.belljar.linux.syscall;

import java.util.Locale;
import java.util.Optional;

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

  /**
   * Tells whether the running JVM has this architecture. Unlike {@link #current()} it never throws,
   * so constants may depend on it: on other architectures the first call says what is wrong.
   *
   * @return true if it has
   */
  public boolean isCurrent() {
    return of(System.getProperty("os.arch", "")).equals(Optional.of(this));
  }

  static Architecture named(String osArch) {
    return of(osArch)
        .orElseThrow(() ->
            new UnsupportedOperationException(
                "Belljar knows the processor architectures x86-64 and aarch64, not '"
                    + osArch
                    + "'"));
  }

  private static Optional<Architecture> of(String osArch) {
    return switch (osArch.toLowerCase(Locale.ROOT)) {
      case "amd64", "x86_64" -> Optional.of(X86_64);
      case "aarch64", "arm64" -> Optional.of(AARCH64);
      default -> Optional.empty();
    };
  }
}
