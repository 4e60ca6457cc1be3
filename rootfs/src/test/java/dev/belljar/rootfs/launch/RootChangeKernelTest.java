package dev.belljar.rootfs.launch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belljar.linux.BytePath;
import dev.belljar.linux.testing.KernelTest;
import dev.belljar.linux.testing.RequiresRoot;
import dev.belljar.linux.testing.RequiresTool;
import dev.belljar.linux.testing.WarmUp;
import dev.belljar.rootfs.Rootfs;
import dev.belljar.rootfs.launch.RootfsKernelTest.Start;
import dev.belljar.rootfs.launch.Surroundings.Propagation;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** How the root becomes the container's where pivot_root(2) cannot be used, or is not to be. */
@KernelTest
@RequiresRoot
@RequiresTool("busybox")
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class RootChangeKernelTest {
  /**
   * Leaves a root that was only changed by chroot(2): with the working directory outside the next
   * one. Then it goes up as far as it leads, and looks.
   */
  private static final String CLIMB =
      """
      mkdir /deep
      cat /bin/busybox > /deep/busybox && /bin/busybox chmod 755 /deep/busybox
      /bin/busybox nsenter -r/deep -w/ /busybox ls ../../../..
      echo climbed
      """;

  private static final List<String> TREE =
      List.of("bin", "deep", "dev", "proc", "sys", "tmp", "climbed");

  @TempDir Path folder;

  @WarmUp
  static void startsSomethingOnce() {
    RootfsKernelTest.startsSomethingOnce();
  }

  @ParameterizedTest
  @EnumSource
  void plainChrootIsEnoughToStayInTheTree(Start start) {
    Path tree = Trees.programsOnly(folder);
    try (Surroundings surroundings = Surroundings.with(Propagation.SHARED)) {
      surroundings.run("mount --bind " + folder + " /mnt");
      BytePath path = BytePath.of("/mnt/" + folder.relativize(tree));
      TestContainer container = start.in(surroundings).plainChroot().rootfs(Rootfs.directory(path));
      assertThat(container.sh(CLIMB).lines()).containsExactlyElementsOf(TREE);
    }
  }

  @Test
  void anInitramfsIsCovered() {
    BytePath tree = BytePath.of("/root" + Trees.programsOnly(folder));
    TestContainer container = new TestContainer().fromInitramfs().rootfs(Rootfs.directory(tree));
    assertThat(container.sh("echo $$; stat -c %t:%T /dev/null; " + CLIMB).lines())
        .startsWith("1", "1:3")
        .endsWith(TREE.toArray(String[]::new))
        .hasSize(TREE.size() + 2);
  }

  @Test
  void theFilesOfAnInitramfsCanBeTheRoot() {
    TestContainer container = new TestContainer().fromInitramfs();
    assertThat(
            container.run(
                "/root/bin/busybox", "sh", "-c", "cd /; echo $$; echo root/etc/pass[v-x]d"))
        .extracting(TestContainer.Result::lines)
        .isEqualTo(List.of("1", "root/etc/passwd"));
  }
}
