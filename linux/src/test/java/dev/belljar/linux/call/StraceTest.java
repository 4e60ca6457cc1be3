package dev.belljar.linux.call;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.belljar.linux.Errno;
import dev.belljar.linux.LinuxException;
import dev.belljar.linux.syscall.Syscall;
import java.io.ByteArrayOutputStream;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StraceTest {
  private static final Pattern CHARACTER = Pattern.compile("[^\\\\]|\\\\(?:[0-7]{3}|.)");

  @Test
  void quotesAsStraceDoes() {
    assertThat(quote("/proc/self")).isEqualTo("\"/proc/self\"");
    assertThat(quote("a\"b\\c\n\t")).isEqualTo("\"a\\\"b\\\\c\\n\\t\"");
    assertThat(quote("é\0\u007f")).isEqualTo("\"\\303\\251\\000\\177\"");
    assertThat(quote("")).isEqualTo("\"\"");
  }

  @Test
  void showsTheFirst256BytesAndSaysThatThereAreMore() {
    assertThat(quote("x".repeat(256))).isEqualTo('"' + "x".repeat(256) + '"');
    assertThat(quote("x".repeat(257))).isEqualTo('"' + "x".repeat(256) + "\"...");
  }

  private static String quote(String text) {
    return Strace.quote(text.getBytes(UTF_8));
  }

  @Property
  void quotedBytesCanBeReadBack(@ForAll @Size(max = 256) byte[] bytes) {
    String quoted = Strace.quote(bytes);

    assertThat(unquote(quoted)).isEqualTo(bytes);
    assertThat(quoted).matches("[ -~]*");
  }

  private static byte[] unquote(String quoted) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    Matcher characters = CHARACTER.matcher(quoted.substring(1, quoted.length() - 1));
    while (characters.find()) {
      String text = characters.group();
      bytes.write(
          switch (text) {
            case "\\n" -> '\n';
            case "\\t" -> '\t';
            case "\\\"" -> '"';
            case "\\\\" -> '\\';
            default -> text.length() == 1 ? text.charAt(0) : Integer.parseInt(text.substring(1), 8);
          });
    }
    return bytes.toByteArray();
  }

  @Test
  void namesTheWorkingDirectory() {
    assertThat(Strace.directory(Syscall.AT_FDCWD)).isEqualTo("AT_FDCWD");
    assertThat(Strace.directory(7)).isEqualTo("7");
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 1, Long.MAX_VALUE, -4096, Long.MIN_VALUE})
  void resultsThatAreNoErrorsPassTheCheck(long result) {
    assertThat(Strace.check(result, () -> "getpid()")).isEqualTo(result);
  }

  @ParameterizedTest
  @ValueSource(longs = {-1, -4095})
  void errorsAreThrownWithTheCall(long result) {
    assertThatExceptionOfType(LinuxException.class)
        .isThrownBy(() -> Strace.check(result, () -> "getpid()"))
        .satisfies(failure -> assertThat(failure.errno()).isEqualTo((int) -result))
        .withMessageContaining("getpid() failed: " + Errno.describe((int) -result));
  }

  @Test
  void openFlagsPrintByName() {
    assertThat(OpenFlags.text(OpenFlags.O_RDONLY | OpenFlags.O_CLOEXEC))
        .isEqualTo("O_RDONLY|O_CLOEXEC");
    assertThat(OpenFlags.text(OpenFlags.O_WRONLY | OpenFlags.O_CREAT | OpenFlags.O_EXCL))
        .isEqualTo("O_WRONLY|O_CREAT|O_EXCL");
    assertThat(OpenFlags.text(OpenFlags.O_RDWR | OpenFlags.O_TMPFILE))
        .isEqualTo("O_RDWR|O_TMPFILE");
    assertThat(OpenFlags.text(OpenFlags.O_DIRECTORY | OpenFlags.O_NOFOLLOW | OpenFlags.O_PATH))
        .isEqualTo("O_RDONLY|O_DIRECTORY|O_NOFOLLOW|O_PATH");
    assertThat(OpenFlags.text(0x10)).isEqualTo("O_RDONLY|0x10");
  }
}
