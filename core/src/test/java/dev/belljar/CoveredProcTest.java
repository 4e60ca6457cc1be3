package dev.belljar;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belljar.linux.testing.Effort;
import dev.belljar.linux.testing.RequiresRoot;
import dev.belljar.linux.testing.RequiresTool;
import dev.belljar.linux.testing.RequiresUserNamespaces;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Containers in a USER namespace where something is mounted over a part of the JVM's /proc. */
@RequiresRoot
@RequiresUserNamespaces
@RequiresTool({"unshare", "mount"})
class CoveredProcTest extends ContainerTest {
  private static final List<String> COVERING =
      ChildJvm.inOwnMounts("mount --bind /dev/null /proc/cpuinfo && exec \"$@\"", "sh");

  @Test
  void theStartFailsAndNamesItUnlessThePresentOneMayBeBound() throws Exception {
    Effort.assumeNotEmulated();
    List<String> said = ChildJvm.run(COVERING, StartsBelowACoveredProc.class).lines().toList();
    assertThat(said.get(0))
        .startsWith("planned: ")
        .contains("the kernel does not make a new /proc")
        .contains("/proc/cpuinfo");
    assertThat(said.get(1))
        .startsWith("refused: ")
        .contains("EPERM")
        .contains("something is mounted over a part of /proc (/proc/cpuinfo)");
    assertThat(said.get(2)).isEqualTo("bound: Linux");
    assertThat(said.get(3))
        .startsWith("refused: ")
        .contains("the host's would not have the options that were asked for");
    assertThat(said.get(4)).startsWith("refused: ").contains("make a new proc for /tmp/p");
    assertThat(said).hasSize(5);
  }
}
