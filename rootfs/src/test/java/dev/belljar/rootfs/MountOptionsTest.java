package dev.belljar.rootfs;

import static dev.belljar.rootfs.MountAttribute.NOATIME;
import static dev.belljar.rootfs.MountAttribute.NODEV;
import static dev.belljar.rootfs.MountAttribute.NOEXEC;
import static dev.belljar.rootfs.MountAttribute.NOSUID;
import static dev.belljar.rootfs.MountAttribute.RDONLY;
import static dev.belljar.rootfs.MountAttribute.RELATIME;
import static dev.belljar.rootfs.MountAttribute.STRICTATIME;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.belljar.linux.ByteString;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MountOptionsTest {
  @Test
  void attributesPropagationAndDataAreToldApart() {
    MountOptions options = MountOptions.parse("ro,nosuid,dev,rslave,size=64m,x-systemd.automount");

    assertThat(options.set()).containsExactly(RDONLY, NOSUID);
    assertThat(options.cleared()).containsExactly(NODEV);
    assertThat(options.propagation()).containsExactly(Propagation.RSLAVE);
    assertThat(options.data()).containsExactly(ByteString.of("size=64m"));
    assertThat(options).hasToString("ro,nosuid,dev,rslave,size=64m,x-systemd.automount");
  }

  @Test
  void theLaterOfContradictingOptionsHolds() {
    assertThat(MountOptions.parse("ro,rw")).isEqualTo(MountOptions.parse("rw"));
    assertThat(MountOptions.parse("exec,noexec").set()).containsExactly(NOEXEC);
    assertThat(MountOptions.parse("noatime,strictatime").set()).containsExactly(STRICTATIME);
    assertThat(MountOptions.parse("noatime,atime").set()).containsExactly(RELATIME);
    assertThat(MountOptions.parse("slave,shared,slave").propagation())
        .containsExactly(Propagation.SHARED, Propagation.SLAVE);
    assertThat(MountOptions.parse("rw").and(MountOptions.parse("ro,noatime")).set())
        .containsExactly(RDONLY, NOATIME);
  }

  @ParameterizedTest
  @ValueSource(strings = {"rro", "ro=recursive", "rrw,rro"})
  void recursiveFormsMeanTheSame(String options) {
    assertThat(MountOptions.parse(options).set()).containsExactly(RDONLY);
  }

  @Test
  void aCommaInAValueIsQuotedOrEscaped() {
    MountOptions quoted = MountOptions.parse("context=\"a,b\",ro");
    assertThat(quoted.data()).containsExactly(ByteString.of("context=a,b"));
    assertThat(quoted).hasToString("ro,context=\"a,b\"");
    assertThat(MountOptions.parse("upperdir=/a\\,b,ro").data())
        .containsExactly(ByteString.of("upperdir=/a\\,b"));
  }

  @Test
  void valuesAreBytes() {
    ByteString odd = ByteString.ofBytes(new byte[] {'s', '=', (byte) 0xff});
    assertThat(MountOptions.parse(odd).data()).containsExactly(odd);
    assertThat(MountOptions.parse(odd).text()).isEqualTo(odd);
  }

  @Test
  void noneIsPrintedAsDefaults() {
    assertThat(MountOptions.none()).hasToString("defaults");
    assertThat(MountOptions.parse("defaults")).isEqualTo(MountOptions.none());
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "ro,", "a=\"b", ",", "a\\"})
  void whatIsNoOptionIsRefused(String options) {
    assertThatIllegalArgumentException().isThrownBy(() -> MountOptions.parse(options));
  }

  @Provide
  Arbitrary<List<String>> words() {
    Arbitrary<String> known =
        Arbitraries.of(
            "ro",
            "rw",
            "nosuid",
            "suid",
            "nodev",
            "dev",
            "noexec",
            "exec",
            "noatime",
            "atime",
            "strictatime",
            "relatime",
            "norelatime",
            "nodiratime",
            "diratime",
            "nosymfollow",
            "private",
            "rslave",
            "shared",
            "runbindable",
            "nofail",
            "x-a=b",
            "rro");
    Arbitrary<String> other =
        Arbitraries.strings()
            .withChars("ab=,:\\ é")
            .ofMinLength(1)
            .ofMaxLength(8)
            .map(word -> word.replace("\\", "\\\\") + "z")
            .map(word -> "\"" + word + "\"");
    return Arbitraries.oneOf(known, other).list().ofMinSize(1).ofMaxSize(8);
  }

  @Property
  void whatIsPrintedIsParsedAsTheSame(@ForAll("words") List<String> words) {
    MountOptions options = MountOptions.parse(String.join(",", words));
    assertThat(MountOptions.parse(options.text())).isEqualTo(options);
  }
}
