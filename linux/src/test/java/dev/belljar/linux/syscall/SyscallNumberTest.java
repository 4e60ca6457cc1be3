package dev.belljar.linux.syscall;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class SyscallNumberTest {
  private static final Pattern DEFINITION =
      Pattern.compile("#define __NR(?:3264)?_(\\w+)\\s+(\\d+)");

  @Test
  void numbersOfX86AreThoseOfTheSystemsHeaders() throws IOException {
    assertThatNumbersAreThoseOf(
        Architecture.X86_64, "/usr/include/x86_64-linux-gnu/asm/unistd_64.h");
  }

  /** aarch64 takes the generic table, whose {@code __NR3264_} numbers are the 64-bit calls. */
  @Test
  void numbersOfAarch64AreThoseOfTheSystemsHeaders() throws IOException {
    assertThatNumbersAreThoseOf(Architecture.AARCH64, "/usr/include/asm-generic/unistd.h");
  }

  private static void assertThatNumbersAreThoseOf(Architecture architecture, String header)
      throws IOException {
    Path file = Path.of(header);
    assumeTrue(Files.exists(file), "needs " + header + " of the kernel's headers");
    Map<String, Integer> known = definitions(Files.readString(file));
    Map<String, Integer> ours = new HashMap<>();
    for (SyscallNumber number : SyscallNumber.values()) {
      if (known.containsKey(number.toString())) { // older headers lack the newest
        ours.put(number.toString(), number.on(architecture));
      }
    }
    assertThat(ours).hasSizeGreaterThan(80);
    known.keySet().retainAll(ours.keySet());
    assertThat(ours).isEqualTo(known);
  }

  private static Map<String, Integer> definitions(String header) {
    Map<String, Integer> numbers = new HashMap<>();
    Matcher matcher = DEFINITION.matcher(header);
    while (matcher.find()) {
      numbers.put(matcher.group(1), Integer.valueOf(matcher.group(2)));
    }
    return numbers;
  }

  @ParameterizedTest
  @EnumSource
  void noNumberStandsForTwoCalls(Architecture architecture) {
    assertThat(Arrays.stream(SyscallNumber.values()).map(number -> number.on(architecture)))
        .doesNotHaveDuplicates();
  }

  @Test
  void callsSinceLinux5HaveTheSameNumberEverywhere() {
    assertThat(SyscallNumber.values())
        .filteredOn(number -> number.on(Architecture.X86_64) >= 424)
        .isNotEmpty()
        .allMatch(number -> number.on(Architecture.AARCH64) == number.on(Architecture.X86_64));
  }

  @Test
  void printsAsTheManualPagesDo() {
    assertThat(SyscallNumber.PIDFD_OPEN).hasToString("pidfd_open");
  }
}
