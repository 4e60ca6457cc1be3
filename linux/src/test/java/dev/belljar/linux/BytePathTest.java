package dev.belljar.linux;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class BytePathTest {
  /** Paths of few, odd names, so that equal prefixes, dots and repeated slashes are likely. */
  @Provide
  Arbitrary<BytePath> paths() {
    Arbitrary<byte[]> texts =
        Arbitraries.of("/", "/", "//", "a", "ab", ".", "..", "ü").map(text -> text.getBytes(UTF_8));
    Arbitrary<byte[]> any = Arbitraries.bytes().filter(b -> b != 0).map(b -> new byte[] {b});
    Arbitrary<byte[]> pieces = Arbitraries.frequencyOf(Tuple.of(4, texts), Tuple.of(1, any));
    return pieces.list().ofMinSize(1).ofMaxSize(8).map(BytePathTest::concatenated);
  }

  private static BytePath concatenated(List<byte[]> pieces) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    pieces.forEach(all::writeBytes);
    return BytePath.ofBytes(all.toByteArray());
  }

  @Property
  void keepsItsBytes(@ForAll("paths") BytePath path) {
    BytePath same = BytePath.ofBytes(path.bytes());

    assertThat(same).isEqualTo(path).hasSameHashCodeAs(path).isEqualByComparingTo(path);
    assertThat(path.length()).isEqualTo(path.bytes().length);
  }

  @Property
  void copiesItsBytesToAPlaceInAnArray(
      @ForAll("paths") BytePath path, @ForAll @IntRange(max = 9) int before) {
    byte[] array = new byte[before + path.length() + 1];

    assertThat(path.copyTo(array, before)).isEqualTo(array.length - 1);
    assertThat(Arrays.copyOfRange(array, before, array.length - 1)).isEqualTo(path.bytes());
    assertThat(array[array.length - 1]).isZero();
    assertThatThrownBy(() -> path.copyTo(array, before + 2))
        .isInstanceOf(IndexOutOfBoundsException.class);
  }

  @Property
  void differentPathsLookDifferent(@ForAll("paths") BytePath a, @ForAll("paths") BytePath b) {
    assertThat(a.toString().equals(b.toString())).isEqualTo(a.equals(b));
  }

  @Property
  void consistsOfParentAndName(@ForAll("paths") BytePath path) {
    List<BytePath> components = path.components();

    if (components.isEmpty()) {
      assertThat(path.name()).isEmpty();
      assertThat(path.parent()).isEmpty();
    } else {
      assertThat(path.name()).contains(components.getLast());
      List<BytePath> above = components.subList(0, components.size() - 1);
      assertThat(path.parent().map(BytePath::components).orElse(List.of())).isEqualTo(above);
      assertThat(path.parent().isPresent()).isEqualTo(path.isAbsolute() || !above.isEmpty());
      assertThat(path.parent().stream())
          .allMatch(parent -> parent.isAbsolute() == path.isAbsolute());
    }
  }

  @Property
  void startsWithEveryPathAboveIt(@ForAll("paths") BytePath path) {
    assertThat(path.startsWith(path)).isTrue();
    assertThat(path.parent().stream()).allMatch(path::startsWith);
    assertThat(path.components()).noneMatch(name -> name.toString().contains("/"));
  }

  @Property
  void startsWithWhatItContinues(@ForAll("paths") BytePath base, @ForAll("paths") BytePath more) {
    BytePath resolved = base.resolve(more);

    if (more.isAbsolute()) {
      assertThat(resolved).isEqualTo(more);
    } else {
      assertThat(resolved.startsWith(base)).isTrue();
      assertThat(resolved.components())
          .isEqualTo(
              Stream.concat(base.components().stream(), more.components().stream()).toList());
    }
  }

  @Property
  void agreesWithJavaOnPathsOfText(@ForAll("paths") BytePath path) {
    Path java = path.toPath();

    assertThat(java.isAbsolute()).isEqualTo(path.isAbsolute());
    assertThat(BytePath.of(java).components()).isEqualTo(path.components());
    assertThat(BytePath.of(java).toPath()).isEqualTo(java);
  }

  @ParameterizedTest
  @CsvSource({
    "/, , ",
    "//, , ",
    "a, , a",
    "a/, , a",
    "/a, /, a",
    "//a, /, a",
    "/a/, /, a",
    "/a/b, /a, b",
    "/a//b//, /a, b",
    "a/b, a, b",
    "a/.., a, ..",
    "./a, ., a",
  })
  void isTakenApartByItsText(String path, String parent, String name) {
    BytePath taken = BytePath.of(path);

    assertThat(taken.parent().map(BytePath::toString)).isEqualTo(Optional.ofNullable(parent));
    assertThat(taken.name().map(BytePath::toString)).isEqualTo(Optional.ofNullable(name));
  }

  @ParameterizedTest
  @CsvSource({
    "/ab, /a, false",
    "/a/b, /a, true",
    "/a, /a/, true",
    "/a//b/, /a/b, true",
    "/a, /a/b, false",
    "/a, /, true",
    "a, /, false",
    "/a, a, false",
    "a/b, a, true",
  })
  void startsWithWholeComponents(String path, String prefix, boolean expected) {
    assertThat(BytePath.of(path).startsWith(BytePath.of(prefix))).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource({"/a, b, /a/b", "/a/, b/, /a/b/", "/, b, /b", "a, ../b, a/../b", "a, /b, /b"})
  void isContinuedByAnother(String path, String other, String expected) {
    assertThat(BytePath.of(path).resolve(other)).isEqualTo(BytePath.of(expected));
  }

  @Test
  void isOrderedByUnsignedBytes() {
    assertThat(BytePath.ofBytes(new byte[] {(byte) 0xff})).isGreaterThan(BytePath.of("a"));
    assertThat(BytePath.of("/a")).isLessThan(BytePath.of("/a/"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "a\0", "\udc00"})
  void refusesWhatIsNoPath(String path) {
    assertThatIllegalArgumentException().isThrownBy(() -> BytePath.of(path));
  }

  @Test
  void refusesWhatIsLongerThanACallTakes() {
    BytePath longest = BytePath.of("ü".repeat(2047) + "a");

    assertThat(longest.length()).isEqualTo(4095);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> BytePath.of("ü".repeat(2048)))
        .withMessageContaining("4096");
    assertThatIllegalArgumentException().isThrownBy(() -> longest.resolve("b"));
  }

  @Test
  void theEmptyJavaPathIsTheCurrentDirectory() {
    assertThat(BytePath.of(Path.of(""))).isEqualTo(BytePath.of("."));
  }

  @Test
  void takesOverADirectoryBeyondAscii(@TempDir Path folder) throws IOException {
    BytePath name = BytePath.of(folder).resolve("ü");
    Path directory = Files.createDirectory(name.toPath()); // which works in every locale

    assertThat(BytePath.of(directory)).isEqualTo(name);
    assertThat(BytePath.of(directory).toPath()).isEqualTo(directory);
  }

  @Test
  void refusesAPathOfAnotherFileSystem(@TempDir Path folder) throws IOException {
    URI zip = URI.create("jar:" + folder.resolve("a.zip").toUri());
    try (FileSystem inside = FileSystems.newFileSystem(zip, Map.of("create", "true"))) {
      assertThatIllegalArgumentException().isThrownBy(() -> BytePath.of(inside.getPath("/a")));
    }
  }

  @Test
  void losesNothingUnderThePlainLocale(@TempDir Path folder) throws Exception {
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    String classes = location(BytePath.class) + ":" + location(PlainLocale.class);
    ProcessBuilder command =
        new ProcessBuilder(java, "-cp", classes, PlainLocale.class.getName(), folder.toString());
    command.environment().put("LC_ALL", "C");

    Process jvm = command.redirectErrorStream(true).start();

    String output = new String(jvm.getInputStream().readAllBytes(), UTF_8);
    assertThat(output).isEqualTo("a\\xff\nü\n");
    assertThat(jvm.waitFor()).isZero();
  }

  private static String location(Class<?> type) throws URISyntaxException {
    return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI()).toString();
  }

  /** Makes files whose names Java cannot express here, and prints the names it then finds. */
  static final class PlainLocale {
    public static void main(String[] args) throws IOException {
      BytePath folder = BytePath.of(args[0]);
      BytePath odd = BytePath.ofBytes(new byte[] {'a', (byte) 0xff});
      for (BytePath name : List.of(odd, BytePath.of("ü"))) {
        Files.createFile(folder.resolve(name).toPath());
      }
      try (Stream<Path> files = Files.list(folder.toPath())) {
        String names =
            files
                .map(file -> BytePath.of(file).name().orElseThrow())
                .sorted()
                .map(name -> name + "\n")
                .collect(Collectors.joining());
        System.out.write(names.getBytes(UTF_8));
        System.out.flush();
      }
    }
  }
}
