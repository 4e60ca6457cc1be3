package dev.belljar.rootfs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.belljar.linux.BytePath;
import dev.belljar.linux.MountInfo;
import java.nio.charset.StandardCharsets;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

class MountTableTest {
  private static final MountTable TABLE =
      table(
          """
          20 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw
          21 20 0:5 / /proc rw,nosuid shared:2 - proc proc rw
          22 20 0:6 / /srv rw shared:3 - tmpfs hidden rw
          23 22 0:7 / /srv/deep rw - tmpfs covered rw
          24 22 0:8 / /srv rw master:1 - tmpfs on-top rw
          25 24 0:9 / /srv/deep/er ro - tmpfs deepest rw
          26 20 8:1 /data /a\\040space rw shared:1 - ext4 /dev/sda1 rw
          27 26 0:10 / /a\\040space/x rw unbindable - tmpfs x rw
          """);

  private static MountTable table(String text) {
    return MountTable.parse(text.getBytes(StandardCharsets.UTF_8));
  }

  private static BytePath path(String path) {
    return BytePath.of(path);
  }

  private static List<Integer> ids(List<MountInfo> mounts) {
    return mounts.stream().map(MountInfo::id).toList();
  }

  @Test
  void tellsWhatIsMountedAtAPath() {
    assertThat(TABLE.at(path("/proc"))).hasValueSatisfying(m -> assertThat(m.id()).isEqualTo(21));
    assertThat(TABLE.at(path("//proc/"))).isEqualTo(TABLE.at(path("/proc")));
    assertThat(TABLE.at(path("/"))).hasValueSatisfying(m -> assertThat(m.id()).isEqualTo(20));
    assertThat(TABLE.at(path("/a space"))).isPresent();
    assertThat(TABLE.at(path("/nothing"))).isEmpty();
    assertThat(TABLE.at(path("/procs"))).isEmpty();
  }

  @Test
  void theMountOnTopHidesTheOneBelowAndWhatIsOnThat() {
    assertThat(TABLE.at(path("/srv")).orElseThrow().id()).isEqualTo(24);
    assertThat(ids(TABLE.allAt(path("/srv")))).containsExactly(22, 24);
    assertThat(TABLE.at(path("/srv/deep"))).isEmpty();
    assertThat(TABLE.isVisible(TABLE.mount(23).orElseThrow())).isFalse();
    assertThat(TABLE.isVisible(TABLE.mount(22).orElseThrow())).isFalse();
    assertThat(TABLE.isVisible(TABLE.mount(25).orElseThrow())).isTrue();
  }

  @Test
  void tellsWhichMountAFileIsOn() {
    assertThat(TABLE.containing(path("/etc/hosts")).orElseThrow().id()).isEqualTo(20);
    assertThat(TABLE.containing(path("/srv/deep/file")).orElseThrow().id()).isEqualTo(24);
    assertThat(TABLE.containing(path("/srv/deep/er/file")).orElseThrow().id()).isEqualTo(25);
    assertThat(TABLE.containing(path("/a space/x")).orElseThrow().id()).isEqualTo(27);
  }

  @Test
  void isATree() {
    MountInfo root = TABLE.mount(20).orElseThrow();
    assertThat(TABLE.tops()).containsExactly(root);
    assertThat(TABLE.parent(root)).isEmpty();
    assertThat(TABLE.parent(TABLE.mount(25).orElseThrow())).isEqualTo(TABLE.mount(24));
    assertThat(ids(TABLE.children(root))).containsExactly(21, 22, 26);
    assertThat(ids(TABLE.tree(TABLE.mount(22).orElseThrow()))).containsExactly(22, 23, 24, 25);
    assertThat(ids(TABLE.tree(root))).containsExactlyInAnyOrderElementsOf(ids(TABLE.mounts()));
  }

  @Test
  void tellsWhatIsMountedBelowAPath() {
    assertThat(ids(TABLE.under(path("/srv")))).containsExactly(23, 25);
    assertThat(ids(TABLE.under(path("/")))).doesNotContain(20).hasSize(7);
    assertThat(TABLE.under(path("/a"))).isEmpty();
  }

  @Test
  void tellsWhichMountsAreShared() {
    assertThat(ids(TABLE.shared())).containsExactly(20, 21, 22, 26);
    assertThat(ids(TABLE.peers(TABLE.mount(20).orElseThrow()))).containsExactly(26);
    assertThat(TABLE.peers(TABLE.mount(27).orElseThrow())).isEmpty();
    assertThat(ids(TABLE.slaves(TABLE.mount(26).orElseThrow()))).containsExactly(24);
  }

  @Test
  void isPrintedAsATree() {
    assertThat(TABLE.toString())
        .startsWith("/ ext4 /dev/sda1 rw,relatime shared:1\n  /proc proc proc rw,nosuid shared:2\n")
        .contains("      /srv/deep/er tmpfs deepest ro\n");
  }

  @Test
  void refusesWhatIsNoMountinfo() {
    assertThatIllegalArgumentException().isThrownBy(() -> table("21 20\n"));
  }

  @Test
  void theMountsOfThisProcessAreATree() {
    MountTable mine = MountTable.current();
    assertThat(mine.at(path("/"))).isPresent();
    assertThat(mine.tops().stream().flatMap(top -> mine.tree(top).stream()))
        .containsExactlyInAnyOrderElementsOf(mine.mounts());
    assertThat(MountTable.of(ProcessHandle.current().pid()).mounts()).hasSameSizeAs(mine.mounts());
  }

  @Provide
  Arbitrary<String> paths() {
    return Arbitraries.of("a", "b", "c")
        .list()
        .ofMaxSize(4)
        .map(names -> "/" + String.join("/", names));
  }

  @Property
  void whatContainsAPathIsVisibleAndAPrefixOfIt(
      @ForAll("paths") String path, @ForAll List<Byte> order) {
    StringBuilder text = new StringBuilder("1 0 0:1 / / rw - tmpfs t rw\n");
    for (int i = 0; i < Math.min(order.size(), 12); i++) {
      // Mounted one after the other as the kernel does: on what is visible at the path.
      String at = "/" + "abc".charAt(Math.abs(order.get(i) % 3)) + (order.get(i) < 0 ? "/b" : "");
      int parent = table(text.toString()).containing(path(at)).orElseThrow().id();
      text.append("%d %d 0:1 / %s rw - tmpfs t rw\n".formatted(i + 2, parent, at));
      assertThat(table(text.toString()).at(path(at)).orElseThrow().id()).isEqualTo(i + 2);
    }
    MountTable table = table(text.toString());
    MountInfo found = table.containing(path(path)).orElseThrow();
    assertThat(path(path).startsWith(found.mountPoint())).isTrue();
    assertThat(table.isVisible(found)).isTrue();
  }
}
