package dev.belljar.linux.syscall;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ArchitectureTest {
  @ParameterizedTest
  @CsvSource({"amd64, X86_64", "x86_64, X86_64", "aarch64, AARCH64", "ARM64, AARCH64"})
  void isKnownByEachOfItsNames(String name, Architecture architecture) {
    assertThat(Architecture.named(name)).isEqualTo(architecture);
  }

  @Test
  void anotherArchitectureIsNamedInTheException() {
    assertThatExceptionOfType(UnsupportedOperationException.class)
        .isThrownBy(() -> Architecture.named("riscv64"))
        .withMessage("Belljar knows the processor architectures x86-64 and aarch64, not 'riscv64'");
  }

  @Test
  void exactlyOneIsCurrent() {
    assertThat(Arrays.stream(Architecture.values()).filter(Architecture::isCurrent))
        .containsExactly(Architecture.current());
  }

  @Test
  void anotherSystemIsNamedInTheException() {
    assertThatExceptionOfType(UnsupportedOperationException.class)
        .isThrownBy(() -> NativeAccess.requireLinux("Windows 11"))
        .withMessage("Belljar needs Linux 5.14 or later; this is 'Windows 11'");
    assertThatCode(() -> NativeAccess.requireLinux("Linux")).doesNotThrowAnyException();
  }
}
