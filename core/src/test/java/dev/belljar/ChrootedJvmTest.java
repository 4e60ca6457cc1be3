package dev.belljar;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belljar.linux.testing.Effort;
import dev.belljar.linux.testing.RequiresRoot;
import dev.belljar.linux.testing.RequiresTool;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A JVM that was started by chroot(2), where the root of the mount namespace is the host's: nobody
 * who enters a container may get there, nor may a container begin there.
 */
@RequiresRoot
@RequiresTool({"unshare", "chroot", "busybox"})
class ChrootedJvmTest extends ContainerTest {
  private static final String MOUNT_POINT = "mount --rbind / $root";

  private static final String NO_MOUNT_POINT =
      """
      mount -t tmpfs t $root
      root=$root/in
      mkdir $root
      for d in /*; do
        if [ -L $d ]; then cp -P $d $root; fi
        if [ -d $d ] && ! [ -L $d ]; then mkdir $root$d; mount --rbind $d $root$d; fi
      done
      """;

  private static final String SEEN = "bin dev proc sys tmp, the same";

  @TempDir private Path dir;

  @ParameterizedTest
  @ValueSource(strings = {MOUNT_POINT, NO_MOUNT_POINT})
  void nobodyGetsOutOfItsContainers(String mounts) throws Exception {
    Effort.assumeNotEmulated();
    BusyboxTree.make(Files.createDirectory(dir.resolve("tree")));
    Files.createDirectory(dir.resolve("root"));
    String script =
        """
        root=$0/root
        export BELLJAR_TEST_TREE=$0/tree
        %s
        mount --make-rshared /
        before=$(cat /proc/self/mountinfo)
        chroot $root "$@"
        [ "$before" = "$(cat /proc/self/mountinfo)" ] && echo no mount has changed
        """
            .formatted(mounts);
    assertThat(
            ChildJvm.run(ChildJvm.inOwnMounts(script, dir.toString()), EntersContainers.class)
                .lines())
        .containsExactly(
            "new: " + SEEN,
            "new: " + SEEN,
            "prepared: " + SEEN,
            "prepared: " + SEEN,
            "new: " + SEEN,
            "new: " + SEEN,
            "new: " + SEEN.replace("tmp", "tmp tree"),
            "new: " + SEEN.replace("tmp", "tmp tree"),
            "prepared: " + SEEN.replace("tmp", "tmp tree"),
            "no mount has changed");
  }
}
