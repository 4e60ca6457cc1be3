package dev.belljar;

import static dev.belljar.namespaces.NamespaceType.NET;
import static dev.belljar.namespaces.NamespaceType.PID;
import static org.assertj.core.api.Assertions.assertThat;

import dev.belljar.linux.testing.MakesMounts;
import dev.belljar.linux.testing.RequiresCgroup;
import dev.belljar.linux.testing.RequiresTool;
import dev.belljar.rootfs.Rootfs;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the documentation shows first, as it is written there. */
@MakesMounts
class FirstContainerTest extends ContainerTest {
  @Test
  @RequiresCgroup("cpu")
  void theBuiltInInitIsExecedInto() throws Exception {
    try (Container c = Container.builder().cpuShares(512).namespaces(PID, NET).start()) {
      assertThat(c.exec("sh", "-c", "echo hello from $$").waitFor()).isZero();
      assertThat(exec(c, "echo hello from $$").output()).isEqualTo("hello from 3");
    }
  }

  @Test
  @RequiresTool({"ps", "ip"})
  void theCommandSeesOnlyItselfAndItsCodeComesBack() throws Exception {
    assertThat(
            Container.builder().command("sh", "-c", "id; ps ax; ip link; exit 7").start().waitFor())
        .isEqualTo(7);

    Outcome outcome = run(sh("id -u; ps ax -o pid,args; ip -o link; exit 7"));

    assertThat(outcome.status().code()).isEqualTo(7);
    assertThat(outcome.out().lines()).first().isEqualTo("0");
    assertThat(outcome.out().lines().filter(line -> line.contains("LOOPBACK"))).hasSize(1);
    assertThat(outcome.out().lines().filter(line -> line.matches(" *\\d+ .*")))
        .hasSizeBetween(2, 3)
        .first()
        .asString()
        .contains("1 sh -c id -u");
  }

  @Test
  @RequiresCgroup("memory")
  @RequiresTool("busybox")
  void aDirectoryIsTheRoot(@TempDir Path dir) throws Exception {
    BusyboxTree.make(dir);
    try (Container c =
        Container.builder()
            .rootfs(Rootfs.directory(dir))
            .hostname("box")
            .memory(64 << 20)
            .command("sh", "-c", "hostname; ls /bin/busybox /etc")
            .start()) {
      Outcome outcome = Outcome.of(c.process());
      assertThat(outcome.out()).isEqualTo("box\n/bin/busybox");
      assertThat(outcome.err()).contains("/etc");
    }
  }
}
