package dev.belljar.linux;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Objects;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MountInfoTest {
  /**
   * Linux 6.18 on x86-64 with the cgroup layout called hybrid, in a mount namespace of its own in
   * which mounts with odd names were made under /tmp/box.
   */
  private static final String ODD_NAMES = "mountinfo-odd-names";

  /** Linux 6.1 of Debian 12 in QEMU, with cgroup version 2; the mounts of host folders left out. */
  private static final String V2 = "mountinfo-v2";

  private static byte[] sample(String name) throws IOException {
    try (InputStream file = MountInfoTest.class.getResourceAsStream(name)) {
      return Objects.requireNonNull(file, name).readAllBytes();
    }
  }

  private static MountInfo odd(String mountPoint) throws IOException {
    return MountInfo.parse(sample(ODD_NAMES)).stream()
        .filter(mount -> mount.mountPoint().equals(BytePath.of(mountPoint)))
        .findFirst()
        .orElseThrow();
  }

  @ParameterizedTest
  @ValueSource(strings = {ODD_NAMES, V2})
  void isPrintedAsTheKernelDid(String name) throws IOException {
    byte[] file = sample(name);
    ByteArrayOutputStream printed = new ByteArrayOutputStream();

    for (MountInfo mount : MountInfo.parse(file)) {
      printed.writeBytes(mount.toLine());
      printed.write('\n');
    }

    assertThat(printed.toByteArray()).isEqualTo(file);
  }

  @Test
  void tellsEachField() throws IOException {
    MountInfo mount = odd("/tmp/box/empty");

    assertThat(mount.id()).isEqualTo(63);
    assertThat(mount.parentId()).isEqualTo(43);
    assertThat(mount.device()).isEqualTo(new DeviceNumber(0, 40));
    assertThat(mount.root()).isEqualTo(BytePath.of("/"));
    assertThat(mount.options()).containsExactly("rw", "nosuid", "nodev", "noexec", "relatime");
    assertThat(mount.hasOption("nosuid")).isTrue();
    assertThat(mount.hasOption("ro")).isFalse();
    assertThat(mount.optionalFields()).containsExactly("shared:3");
    assertThat(mount.type()).isEqualTo("tmpfs");
    assertThat(mount.source().isEmpty()).isTrue();
    assertThat(mount.superOptions())
        .extracting(ByteString::toString)
        .containsExactly("rw", "size=4k", "mode=700");
    assertThat(mount.superOption("size")).contains(ByteString.of("4k"));
    assertThat(mount.superOption("rw")).isEmpty();
    assertThat(mount.hasSuperOption("mode=700")).isTrue();
    assertThat(mount.hasSuperOption("mode")).isFalse();
  }

  @Test
  void decodesNamesThatAreBytes() throws IOException {
    MountInfo mount =
        MountInfo.parse(sample(ODD_NAMES)).stream()
            .filter(each -> each.mountPoint().toString().contains("sp ace"))
            .findFirst()
            .orElseThrow();

    assertThat(mount.mountPoint().bytes())
        .isEqualTo("/tmp/box/sp ace\ttab\nnl\\bs#hash\u00ff\u0001\r,comma".getBytes(ISO_8859_1));
    assertThat(mount.source().bytes()).isEqualTo("so urce\t\n\\#\u00ff,".getBytes(ISO_8859_1));
  }

  @Test
  void decodesACommaInAnOptionOfTheFileSystem() throws IOException {
    assertThat(odd("/tmp/box/ov").superOption("lowerdir"))
        .contains(ByteString.of("/tmp/box/lo\\,wer\\:x y\\\\:/tmp/box/empty"));
  }

  @Test
  void showsWhatPartOfTheFileSystemIsMounted() throws IOException {
    assertThat(odd("/tmp/box/del").root()).isEqualTo(BytePath.of("/gone//deleted"));
    assertThat(odd("/tmp/box/net").root()).isEqualTo(BytePath.of("net:[4026531833]"));
  }

  @Test
  void tellsHowMountsPropagate() throws IOException {
    assertThat(odd("/tmp/box").peerGroup()).hasValue(1);
    assertThat(odd("/tmp/box").master()).isEmpty();
    assertThat(odd("/tmp/box/slave").peerGroup()).isEmpty();
    assertThat(odd("/tmp/box/slave").master()).hasValue(1);
    assertThat(odd("/tmp/box/slave2").peerGroup()).hasValue(6);
    assertThat(odd("/tmp/box/slave2").master()).hasValue(1);
    assertThat(odd("/tmp/box/unb").isUnbindable()).isTrue();
    assertThat(odd("/tmp/box").isUnbindable()).isFalse();
    assertThat(odd("/proc").optionalFields()).isEmpty();
  }

  /** The line as a process whose root hides the master of a slave read it on Linux 6.18. */
  @Test
  void tellsWhereMountsComeFromWhenTheMasterIsHidden() {
    MountInfo mount =
        MountInfo.parseLine(
            "66 63 0:40 / /c rw,relatime master:2 propagate_from:1 - tmpfs peer rw,size=4k"
                .getBytes(UTF_8));

    assertThat(mount.master()).hasValue(2);
    assertThat(mount.propagateFrom()).hasValue(1);
  }

  @Test
  void holdsAMountPointLongerThanACallTakes() throws IOException {
    MountInfo deepest = MountInfo.parse(sample(ODD_NAMES)).getLast();

    assertThat(deepest.mountPoint().length()).isGreaterThan(BytePath.MAX_LENGTH);
    assertThat(deepest.mountPoint().components()).hasSize(28);
    assertThat(deepest.mountPoint().name()).contains(BytePath.of("m"));
  }

  @Test
  void findsTheHierarchiesOfAHybridHost() throws IOException {
    List<MountInfo> mounts = MountInfo.parse(sample(ODD_NAMES));

    assertThat(mounts)
        .filteredOn(mount -> mount.type().equals("cgroup") && mount.hasSuperOption("memory"))
        .extracting(MountInfo::mountPoint)
        .containsExactly(BytePath.of("/sys/fs/cgroup/memory"));
    assertThat(mounts)
        .filteredOn(mount -> mount.hasSuperOption("name=systemd"))
        .extracting(MountInfo::mountPoint)
        .containsExactly(BytePath.of("/sys/fs/cgroup/systemd"));
    assertThat(mounts)
        .filteredOn(mount -> mount.type().equals("cgroup2"))
        .extracting(MountInfo::mountPoint)
        .containsExactly(BytePath.of("/sys/fs/cgroup/unified"));
  }

  /** Bytes among which those that the kernel escapes, and looks of escapes, are likely. */
  private static Arbitrary<byte[]> names() {
    Arbitrary<Byte> odd =
        Arbitraries.of((byte) ' ', (byte) '\t', (byte) '\n', (byte) '\\', (byte) '#', (byte) ',');
    Arbitrary<Byte> digits = Arbitraries.of((byte) '0', (byte) '4', (byte) '7', (byte) '-');
    Arbitrary<Byte> any = Arbitraries.bytes().filter(b -> b != 0);
    return Arbitraries.oneOf(odd, digits, any).array(byte[].class).ofMaxSize(10);
  }

  private static Arbitrary<BytePath> paths() {
    return names()
        .map(name ->
            BytePath.of("/").resolve(name.length == 0 ? BytePath.of("a") : BytePath.ofBytes(name)));
  }

  @Provide
  Arbitrary<MountInfo> mounts() {
    Arbitrary<Integer> ids = Arbitraries.integers().greaterOrEqual(0);
    Arbitrary<DeviceNumber> devices =
        Combinators.combine(
                Arbitraries.integers().between(0, DeviceNumber.MAX_MAJOR),
                Arbitraries.integers().between(0, DeviceNumber.MAX_MINOR))
            .as(DeviceNumber::new);
    Arbitrary<List<String>> options =
        Arbitraries.of("rw", "ro", "nosuid", "idmapped").list().ofMinSize(1).ofMaxSize(4);
    Arbitrary<List<String>> optional =
        Arbitraries.of("shared:1", "master:22", "propagate_from:3", "unbindable", "future:x")
            .list()
            .ofMaxSize(3);
    Arbitrary<String> types = Arbitraries.of("tmpfs", "fuse.a b", "fuse.ü#", "fuse.\\040", "-");
    Arbitrary<List<ByteString>> superOptions =
        names().map(ByteString::ofBytes).list().ofMinSize(1).ofMaxSize(4);
    return Combinators.combine(
            ids, devices, paths(), paths(), options, optional, types, superOptions)
        .as((id, device, root, point, own, fields, type, ofFileSystem) ->
            new MountInfo(
                id,
                id / 2,
                device,
                root,
                point,
                own,
                fields,
                type,
                ofFileSystem.getFirst(),
                ofFileSystem));
  }

  @Property
  void survivesPrinting(@ForAll("mounts") MountInfo mount) {
    assertThat(MountInfo.parseLine(mount.toLine())).isEqualTo(mount);
  }

  @Property
  void oneMountIsOneLine(@ForAll("mounts") MountInfo mount) {
    assertThat(mount.toLine()).doesNotContain('\n');
  }

  @Property
  void aFileIsParsedLineByLine(
      @ForAll("mounts") MountInfo first, @ForAll("mounts") MountInfo second) {
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    file.writeBytes(first.toLine());
    file.write('\n');
    file.writeBytes(second.toLine());

    assertThat(MountInfo.parse(file.toByteArray())).containsExactly(first, second);
    file.write('\n');
    assertThat(MountInfo.parse(file.toByteArray())).containsExactly(first, second);
  }

  /** What a file system prints that does not escape its options is taken as it is. */
  @Test
  void takesUnescapedOptionsOfAFileSystemAsTheyAre() {
    MountInfo mount =
        MountInfo.parseLine("1 2 0:3 / /a rw - odd s rw,path=a b\\:c,\\8".getBytes(UTF_8));

    assertThat(mount.superOption("path")).contains(ByteString.of("a b\\:c"));
    assertThat(mount.superOptions().getLast()).isEqualTo(ByteString.of("\\8"));
  }

  @Test
  void showsASubtypeThatIsNotText() {
    byte[] line = "1 2 0:3 / /a rw - fuse.\u00ff s rw".getBytes(ISO_8859_1);

    assertThat(MountInfo.parseLine(line).type()).isEqualTo("fuse.\\xff");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "x",
        "1 2 0:3 / /a rw - tmpfs s",
        "1 2 0:3 / /a rw tmpfs s rw",
        "x 2 0:3 / /a rw - tmpfs s rw",
        "1 -2 0:3 / /a rw - tmpfs s rw",
        "1 2147483648 0:3 / /a rw - tmpfs s rw",
        "1 2 3 / /a rw - tmpfs s rw",
        "1 2 0:3  /a rw - tmpfs s rw",
        "1 2 0:3 / /a\\000 rw - tmpfs s rw",
        "1 2 0:3 / /a  - tmpfs s rw",
        "1 2 0:3 / /a rw,,ro - tmpfs s rw",
        "1 2 0:3 / /a rw  - tmpfs s rw",
        "1 2 0:3 / /a rw shared:x - tmpfs s rw",
        "1 2 0:3 / /a rw -  s rw",
      })
  void refusesALineThatIsNotTheKernels(String line) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> MountInfo.parse((line + "\n").getBytes(UTF_8)))
        .withMessageContaining("not a line of mountinfo")
        .withMessageContaining(line.replace("\\", "\\\\"));
  }

  @Test
  void anEmptyFileHoldsNoMount() {
    assertThat(MountInfo.parse(new byte[0])).isEmpty();
  }
}
