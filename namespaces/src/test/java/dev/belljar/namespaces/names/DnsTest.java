package dev.belljar.namespaces.names;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

/** Questions and answers of DNS as bytes. */
class DnsTest {
  private static final InetAddress FOUR = InetAddress.ofLiteral("10.1.0.2");
  private static final InetAddress SIX = InetAddress.ofLiteral("fd00::2");
  private static final Map<String, List<InetAddress>> NAMES = Map.of("web", List.of(FOUR, SIX));

  private static byte[] query(int id, String name, int type) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    bytes.writeBytes(new byte[] {(byte) (id >> 8), (byte) id, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0});
    for (String label : name.split("\\.")) {
      bytes.write(label.length());
      bytes.writeBytes(label.getBytes(StandardCharsets.US_ASCII));
    }
    bytes.writeBytes(new byte[] {0, (byte) (type >> 8), (byte) type, 0, 1});
    return bytes.toByteArray();
  }

  private static Optional<byte[]> answer(byte[] query) {
    return NameServer.answer(NAMES, query, DnsQuestion.read(query).orElseThrow());
  }

  @Provide
  Arbitrary<String> names() {
    return Arbitraries.strings()
        .withCharRange('a', 'z')
        .withChars('-', '0', '9')
        .ofMinLength(1)
        .ofMaxLength(63)
        .list()
        .ofMinSize(1)
        .ofMaxSize(3)
        .map(labels -> String.join(".", labels));
  }

  @Property(tries = 200)
  void aQuestionIsReadAsItWasAsked(
      @ForAll("names") String name, @ForAll @IntRange(max = 65535) int id) {
    byte[] query = query(id, name, DnsQuestion.A);
    assertThat(DnsQuestion.read(query))
        .contains(new DnsQuestion(id, name, DnsQuestion.A, query.length));
  }

  @Property(tries = 500)
  void whateverComesInIsReadOrIgnored(@ForAll @Size(max = 100) byte[] message) {
    assertThat(DnsQuestion.read(message))
        .satisfies(question -> {
          if (question.isPresent()) {
            assertThat(question.get().end()).isLessThanOrEqualTo(message.length);
          }
        });
  }

  @Test
  void aKnownNameHasItsAddressesOfTheKindAskedFor() {
    byte[] four = answer(query(7, "WEB", DnsQuestion.A)).orElseThrow();
    assertThat(ByteBuffer.wrap(four).getShort(0)).isEqualTo((short) 7);
    assertThat(ByteBuffer.wrap(four).getShort(2) & 0x800f).isEqualTo(0x8000);
    assertThat(ByteBuffer.wrap(four).getShort(6)).isEqualTo((short) 1);
    assertThat(Arrays.copyOfRange(four, four.length - 4, four.length)).isEqualTo(FOUR.getAddress());
    byte[] six = answer(query(8, "web", DnsQuestion.AAAA)).orElseThrow();
    assertThat(Arrays.copyOfRange(six, six.length - 16, six.length)).isEqualTo(SIX.getAddress());
    byte[] none = answer(query(9, "web", 15)).orElseThrow();
    assertThat(ByteBuffer.wrap(none).getShort(6)).isEqualTo((short) 0);
    assertThat(answer(query(10, "other", DnsQuestion.A))).isEmpty();
  }

  @Test
  void anAddressHasItsName() {
    byte[] answer = answer(query(1, "2.0.1.10.in-addr.arpa", DnsQuestion.PTR)).orElseThrow();
    assertThat(new String(answer, StandardCharsets.ISO_8859_1)).contains("\u0003web\0");
    assertThat(answer(query(1, NameServer.reverse(SIX), DnsQuestion.PTR))).isPresent();
    assertThat(NameServer.reverse(InetAddress.ofLiteral("2001:db8::567:89ab")))
        .isEqualTo("b.a.9.8.7.6.5.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa");
  }

  @Test
  void aFailureRepeatsTheQuestion() {
    byte[] query = query(1, "a.b", DnsQuestion.A);
    byte[] failure = DnsAnswer.failure(query, DnsQuestion.read(query).orElseThrow());
    assertThat(failure[3] & 0xf).isEqualTo(2);
    assertThat(Arrays.copyOfRange(failure, 12, failure.length))
        .isEqualTo(Arrays.copyOfRange(query, 12, query.length));
  }

  @Test
  void theHostsServersAreThoseOfItsResolvConf() {
    List<String> lines =
        List.of(
            "# nameserver 1.1.1.1",
            "nameserver 127.0.0.53 ",
            "search a",
            "nameserver fe80::1",
            "nameserver nonsense",
            "nameserver 9.9.9.9",
            "nameserver 8.8.8.8");
    assertThat(Upstream.parse(String.join("\n", lines)))
        .containsExactly(
            new InetSocketAddress(InetAddress.ofLiteral("127.0.0.53"), 53),
            new InetSocketAddress(InetAddress.ofLiteral("fe80::1"), 53),
            new InetSocketAddress(InetAddress.ofLiteral("9.9.9.9"), 53));
  }
}
