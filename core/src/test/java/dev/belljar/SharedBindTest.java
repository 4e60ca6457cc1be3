package dev.belljar;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belljar.linux.testing.RequiresRoot;
import dev.belljar.linux.testing.RequiresTool;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Binds that are taken in the namespace of the host's shared mounts: by the JVM where their owners
 * are mapped, and by a process that is going to enter prepared mounts.
 */
@RequiresRoot
@RequiresTool({"unshare", "mount"})
class SharedBindTest extends ContainerTest {
  private static final List<String> AMONG_SHARED =
      ChildJvm.inOwnMounts(
          "mount -t tmpfs t /mnt && mkdir /mnt/d && mount --make-rshared / && exec \"$@\"", "sh");

  @Test
  void whatIsMountedOnAMappedOneReachesNobodyOutside() throws Exception {
    String said = ChildJvm.run(AMONG_SHARED, MountsOnSharedBinds.class, "mapped");
    if (!said.contains("cannot on this kernel")) { // before Linux 6.3 in memory
      assertThat(said.lines()).containsExactly("RSHARED inside: 1", "RSLAVE inside: 1");
    }
  }

  @Test
  @RequiresTool("nsenter")
  void whatIsMountedOnOneInPreparedMountsReachesNobodyOutside() throws Exception {
    assertThat(ChildJvm.run(AMONG_SHARED, MountsOnSharedBinds.class, "prepared").lines())
        .containsExactly("RSHARED inside: 1", "RSLAVE inside: 1");
  }
}
