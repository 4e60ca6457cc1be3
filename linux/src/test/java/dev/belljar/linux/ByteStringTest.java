package dev.belljar.linux;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Arrays;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

class ByteStringTest {
  private static ByteString bytes(int... values) {
    byte[] bytes = new byte[values.length];
    for (int i = 0; i < values.length; i++) {
      bytes[i] = (byte) values[i];
    }
    return ByteString.ofBytes(bytes);
  }

  /** Bytes among which whole, broken and overlong UTF-8, controls and backslashes are likely. */
  @Provide
  Arbitrary<byte[]> strings() {
    Arbitrary<byte[]> any = Arbitraries.bytes().filter(b -> b != 0).map(b -> new byte[] {b});
    Arbitrary<byte[]> pieces =
        Arbitraries.of("a", "\\", "\\xff", "\n", "\u007f", "ü", "\u202e", "😀", "\ufffd")
            .map(text -> text.getBytes(UTF_8));
    return Arbitraries.oneOf(any, pieces)
        .list()
        .ofMaxSize(12)
        .map(list -> {
          byte[] all = new byte[0];
          for (byte[] piece : list) {
            all = Arrays.copyOf(all, all.length + piece.length);
            System.arraycopy(piece, 0, all, all.length - piece.length, piece.length);
          }
          return all;
        });
  }

  @Property
  void keepsItsBytes(@ForAll("strings") byte[] bytes) {
    ByteString string = ByteString.ofBytes(bytes);

    assertThat(string.bytes()).isEqualTo(bytes);
    assertThat(string.length()).isEqualTo(bytes.length);
    assertThat(string).isEqualTo(ByteString.ofBytes(bytes)).hasSameHashCodeAs(bytes(bytes));
  }

  private static ByteString bytes(byte[] bytes) {
    return ByteString.ofBytes(bytes);
  }

  @Property
  void isComparedByteByByte(@ForAll("strings") byte[] a, @ForAll("strings") byte[] b) {
    assertThat(Integer.signum(bytes(a).compareTo(bytes(b))))
        .isEqualTo(Integer.signum(Arrays.compareUnsigned(a, b)));
    assertThat(bytes(a).equals(bytes(b))).isEqualTo(Arrays.equals(a, b));
  }

  @Property
  void whatIsShownTellsTheBytes(@ForAll("strings") byte[] bytes) {
    assertThat(unescape(bytes(bytes).toString())).isEqualTo(bytes);
  }

  @Property
  void whatIsShownHoldsNoControlCharacter(@ForAll("strings") byte[] bytes) {
    assertThat(bytes(bytes).toString().codePoints())
        .noneMatch(c -> Character.isISOControl(c) || Character.getType(c) == Character.FORMAT);
  }

  @Property
  void textIsKeptAsUtf8(@ForAll("strings") byte[] bytes) {
    String text = new String(bytes, UTF_8);

    assertThat(ByteString.of(text).bytes()).isEqualTo(text.getBytes(UTF_8));
  }

  @Test
  void showsWhatCannotBePrintedAsEscapes() {
    assertThat(bytes('a', 0xff)).hasToString("a\\xff");
    assertThat(bytes(0xe2, 0x82)).hasToString("\\xe2\\x82"); // the euro sign, cut off
    assertThat(bytes(0xc0, 0xaf)).hasToString("\\xc0\\xaf"); // an overlong slash
    assertThat(ByteString.of("grün\t€\n\u001b[0m\\")).hasToString("grün\\t€\\n\\x1b[0m\\\\");
    assertThat(ByteString.of("txt\u202egpj")).hasToString("txt\\xe2\\x80\\xaegpj");
    assertThat(ByteString.of("")).hasToString("");
  }

  @Test
  void isNotChangedThroughItsArrays() {
    byte[] given = {'a'};
    ByteString string = ByteString.ofBytes(given);

    given[0] = 'b';
    string.bytes()[0] = 'c';

    assertThat(string).isEqualTo(ByteString.of("a"));
  }

  @Test
  void refusesWhatTheKernelCannotHold() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ByteString.of("a\0b"))
        .withMessageContaining("NUL")
        .withMessageContaining("a\\x00b");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ByteString.of("a\ud800b"))
        .withMessageContaining("surrogate");
  }

  private static byte[] unescape(String shown) {
    byte[] utf8 = shown.getBytes(UTF_8);
    byte[] bytes = new byte[utf8.length];
    int length = 0;
    int i = 0;
    while (i < utf8.length) {
      byte b = utf8[i++];
      if (b != '\\') {
        bytes[length++] = b;
        continue;
      }
      byte escaped = utf8[i++];
      switch (escaped) {
        case 'n' -> bytes[length++] = '\n';
        case 'r' -> bytes[length++] = '\r';
        case 't' -> bytes[length++] = '\t';
        case 'x' -> {
          bytes[length++] =
              (byte) (Character.digit(utf8[i], 16) << 4 | Character.digit(utf8[i + 1], 16));
          i += 2;
        }
        default -> bytes[length++] = escaped;
      }
    }
    return Arrays.copyOf(bytes, length);
  }
}
