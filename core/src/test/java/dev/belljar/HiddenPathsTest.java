package dev.belljar;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.belljar.linux.testing.MakesMounts;
import dev.belljar.rootfs.Mount;
import dev.belljar.rootfs.Rootfs;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a container has unasked never takes the place of what was asked for. */
@MakesMounts
class HiddenPathsTest extends ContainerTest {
  @ParameterizedTest
  @ValueSource(strings = {"/sys/fs/cgroup", "/sys/fs", "/sys", "/dev", "/proc", "/tmp"})
  void whatTheContainerHasOfItsOwnCanBeHiddenToo(String path) {
    String script = "for f in %1$s/*; do echo $f; done".formatted(path);
    assertThat(run(sh(script).rootfs(Rootfs.host().hide(path))).output()).isEqualTo(path + "/*");
  }

  @Test
  void whatIsMountedIsHiddenToo() {
    assertThat(
            run(sh("for f in /tmp/m/*; do echo $f; done; cat /tmp/f")
                    .mount(Mount.rbind("/etc", "/tmp/m"), Mount.bind("/etc/passwd", "/tmp/f"))
                    .rootfs(Rootfs.host().hide("/tmp/m").hide("/tmp/m/passwd").hide("/tmp/f")))
                .output())
        .isEqualTo("/tmp/m/*");
  }

  @Test
  void aMountInPlaceOfTheControlGroupsIsTheOneThatIsSeen() {
    Mount mine = Mount.tmpfs("/sys/fs/cgroup");
    String script = "echo x > /sys/fs/cgroup/x && ls /sys/fs/cgroup";
    assertThat(run(sh(script).mount(mine)).output()).isEqualTo("x");
    String below = "echo x > /sys/fs/cgroup/below/x && ls /sys/fs/cgroup";
    assertThat(run(sh(below).mount(mine, Mount.tmpfs("/sys/fs/cgroup/below"))).output())
        .isEqualTo("below");
  }

  @Test
  void onlyWhatDoesNotExistIsNotHidden() {
    assertThat(run(sh("echo up").rootfs(Rootfs.host().hide("/no/such/file"))).output())
        .isEqualTo("up");
    assertThat(catchThrowable(() -> sh("true").rootfs(Rootfs.host().hide("/etc/passwd/x")).start()))
        .hasMessageContaining("hide /etc/passwd/x")
        .hasMessageContaining("something on the way to it is no directory");
  }
}
