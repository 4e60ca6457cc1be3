package dev.belljar;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belljar.linux.testing.RequiresRoot;
import dev.belljar.linux.testing.RequiresTool;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * A mount with mapped owners is copied by the JVM, in the namespace of the host's shared mounts.
 */
@RequiresRoot
@RequiresTool({"unshare", "mount"})
class SharedMappedMountTest extends ContainerTest {
  private static final List<String> AMONG_SHARED =
      ChildJvm.inOwnMounts(
          "mount -t tmpfs t /mnt && mkdir /mnt/d && mount --make-rshared / && exec \"$@\"", "sh");

  @Test
  void whatIsMountedOnItReachesNobodyOutside() throws Exception {
    String said = ChildJvm.run(AMONG_SHARED, MountsOnASharedMappedMount.class);
    if (!said.contains("cannot on this kernel")) { // before Linux 6.3 in memory
      assertThat(said.lines()).containsExactly("RSHARED inside: 1", "RSLAVE inside: 1");
    }
  }
}
