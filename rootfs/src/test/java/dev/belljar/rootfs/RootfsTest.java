package dev.belljar.rootfs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.belljar.linux.BytePath;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RootfsTest {
  @Test
  void equalContentsMakeEqualValues() {
    assertThat(Rootfs.host()).isEqualTo(Rootfs.host()).isNotEqualTo(Rootfs.host().hide("/a"));
    assertThat(Rootfs.directory("/a"))
        .isEqualTo(Rootfs.directory(BytePath.of("/a")))
        .isEqualTo(Rootfs.directory(Path.of("/a")))
        .isNotEqualTo(Rootfs.directory("/b"))
        .isNotEqualTo(Rootfs.directory("/a").readOnly());
  }

  @Test
  void theOrderOfHidingDoesNotMatter() {
    assertThat(Rootfs.host().hide("/b").hide("/a/x").hide("/a").hide("/b"))
        .isEqualTo(Rootfs.host().hide("/a").hide("/b").hide("/a/x"));
  }

  @Test
  void aHiddenDirectoryComesBeforeWhatIsInIt() {
    assertThat(Rootfs.directory("/r").hide("/a/x").hide("/a").hidden())
        .containsExactly(BytePath.of("/a"), BytePath.of("/a/x"));
  }

  @Test
  void hidingMakesANewValue() {
    HostRootfs before = Rootfs.host();
    HostRootfs after = before.hide("/home");
    assertThat(before.hidden()).isEmpty();
    assertThat(after.hidden()).containsExactly(BytePath.of("/home"));
  }

  @Test
  void hidingKeepsADirectoryReadOnly() {
    assertThat(Rootfs.directory("/r").readOnly().hide("/a").writable()).isFalse();
  }

  @Test
  void namesAreBytes() {
    BytePath path = BytePath.ofBytes(new byte[] {'/', (byte) 0xff});
    assertThat(Rootfs.directory(path).path()).isEqualTo(path);
    assertThat(Rootfs.host().hide(path).hidden()).containsExactly(path);
  }

  @Test
  void aRelativeDirectoryIsRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Rootfs.directory("srv/box"))
        .withMessage("rootfs directory srv/box is not an absolute path");
  }

  @ParameterizedTest
  @ValueSource(strings = {"etc/passwd", "/", "//", "/a/../b", "/.", "."})
  void whatCannotBeHiddenIsRefused(String path) {
    assertThatIllegalArgumentException().isThrownBy(() -> Rootfs.host().hide(path));
    assertThatIllegalArgumentException().isThrownBy(() -> Rootfs.directory("/r").hide(path));
  }
}
