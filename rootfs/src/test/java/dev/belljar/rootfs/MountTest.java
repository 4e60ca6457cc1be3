package dev.belljar.rootfs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.belljar.linux.BytePath;
import dev.belljar.linux.ByteString;
import dev.belljar.linux.IdMap;
import java.nio.charset.StandardCharsets;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MountTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "proc /proc proc noexec,hidepid=2,subset=pid 0 0",
        "/srv/data /data none ro,bind 0 0",
        "/srv/data /data none nosuid,rslave,rbind 0 0",
        "/dev/loop0 /mnt/a\\040space ext4 ro,noload 0 0",
        "tmpfs /tmp tmpfs mode=1777,size=50%,tmpcopyup 0 0",
        "cgroup /sys/fs/cgroup/systemd cgroup none,name=systemd 0 0",
      })
  void aLineOfFstabIsParsedAndPrintedTheSame(String line) {
    assertThat(Mount.parse(line).toFstab()).isEqualTo(ByteString.of(line));
  }

  @Test
  void theFieldsOfALineAreThoseOfTheValue() {
    assertThat(Mount.parse("/a  /b\tnone bind,ro")).isEqualTo(Mount.bind("/a", "/b").readOnly());
    assertThat(Mount.parse("none /b tmpfs defaults 0 0"))
        .isEqualTo(Mount.of("tmpfs", "none", "/b"));
  }

  @Property
  void namesOfAnyBytesSurvive(@ForAll @Size(min = 1, max = 20) byte[] name) {
    for (int i = 0; i < name.length; i++) {
      name[i] = name[i] == 0 || name[i] == '/' ? (byte) 0xff : name[i];
    }
    BytePath path = BytePath.of("/dir").resolve(BytePath.ofBytes(name));
    if (BytePath.ofBytes(name).toString().matches("\\.{1,2}")) {
      return;
    }
    Mount mount = Mount.rbind(path, path).option("ro");
    assertThat(Mount.parse(mount.toFstab())).isEqualTo(mount);
  }

  @Test
  void aSourceWithinADirectoryHasNoLineThatWouldLeadElsewhere() {
    BindMount mount = Mount.bind("/a", "/b").within("/base");
    assertThatIllegalStateException().isThrownBy(mount::toFstab).withMessageContaining("/base");
    assertThat(mount.readOnly().option("noexec").base()).contains(BytePath.of("/base"));
    assertThatIllegalArgumentException().isThrownBy(() -> mount.within("relative"));
  }

  @Test
  void anOverlayIsPrintedWithItsLayers() {
    Overlay overlay = Overlay.of("/a:b", "/c,d").upper(BytePath.of("/e f"));
    assertThat(Mount.overlay(overlay, "/m").toFstab())
        .hasToString(
            ByteString.of(
                    "overlay /m overlay"
                        + " lowerdir=/a\\134:b:/c\\134,d,upperdir=/e\\040f/upper,workdir=/e\\040f/work"
                        + " 0 0")
                .toString());
  }

  @Test
  void aReadOnlyOverlayHasItsUpperFolderAsTheTopmostLayer() {
    Overlay overlay = Overlay.of("/a").upper(BytePath.of("/k")).readOnly();
    assertThat(Mount.overlay(overlay, "/m").toFstab())
        .hasToString("overlay /m overlay ro,lowerdir=/k/upper:/a 0 0");
  }

  @Test
  void ownersThatAreShownThroughAMapHaveNoLine() {
    IdMap map = IdMap.of(0, 100_000, 65_536);
    for (Mount mount :
        List.of(
            Mount.bind("/a", "/b").mapped(map),
            Mount.rbind("/a", "/b").mappedAsContainer(),
            Mount.overlay(Overlay.of("/a").mapped(map), "/b"))) {
      assertThatIllegalStateException()
          .isThrownBy(mount::toFstab)
          .withMessageContaining("owners of /a");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "none",
        "none /a tmpfs",
        "none a tmpfs defaults",
        "none / tmpfs defaults",
        "none /a/../b tmpfs defaults",
        "a /b none bind",
        "/a /b none bind,size=1",
        "none /a ext4 tmpcopyup",
        "none /a tmpfs defaults 0 0 0",
      })
  void whatCannotBeMountedIsRefused(String line) {
    assertThatIllegalArgumentException().isThrownBy(() -> Mount.parse(line));
  }

  @Test
  void anOverlayHasOneTo500Layers() {
    assertThatIllegalArgumentException().isThrownBy(() -> Overlay.of());
    assertThatIllegalArgumentException().isThrownBy(() -> Overlay.of("a"));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Overlay.of(java.util.Collections.nCopies(501, BytePath.of("/a"))));
    assertThatIllegalArgumentException().isThrownBy(() -> Overlay.of("/a").size(0));
  }

  @Test
  void theCgroupsOfAHybridMachineAreASet() {
    MountTable host =
        MountTable.parse(
            """
            1 0 0:1 / / rw - tmpfs t rw
            2 1 0:2 / /sys/fs/cgroup rw - tmpfs c rw
            3 2 0:3 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory
            4 2 0:4 / /sys/fs/cgroup/systemd rw - cgroup cgroup rw,xattr,name=systemd
            5 2 0:5 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw
            """
                .getBytes(StandardCharsets.UTF_8));
    assertThat(Mount.cgroups(host, "/sys/fs/cgroup"))
        .extracting(mount -> mount.toFstab().toString())
        .containsExactly(
            "cgroup /sys/fs/cgroup tmpfs noexec,mode=755 0 0",
            "cgroup /sys/fs/cgroup/memory cgroup ro,noexec,memory 0 0",
            "cgroup /sys/fs/cgroup/systemd cgroup ro,noexec,name=systemd,none 0 0",
            "cgroup2 /sys/fs/cgroup/unified cgroup2 ro,noexec 0 0");
  }

  @Test
  void versionTwoAloneIsOneMount() {
    MountTable host =
        MountTable.parse(
            "1 0 0:1 / / rw - tmpfs t rw\n5 1 0:5 / /sys/fs/cgroup rw - cgroup2 c rw,nsdelegate\n"
                .getBytes(StandardCharsets.UTF_8));
    assertThat(Mount.cgroups(host, "/cg"))
        .extracting(Mount::target)
        .isEqualTo(List.of(BytePath.of("/cg")));
  }
}
