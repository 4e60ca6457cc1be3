package dev.belljar.cgroups.controller;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.belljar.cgroups.coverage.Proves;
import dev.belljar.cgroups.hierarchy.CgroupLayout;
import dev.belljar.cgroups.hierarchy.Subsystem;
import dev.belljar.cgroups.testing.CProgram;
import dev.belljar.cgroups.testing.Ending;
import dev.belljar.cgroups.testing.TestGroup;
import dev.belljar.linux.LinuxException;
import dev.belljar.linux.testing.KernelTest;
import dev.belljar.linux.testing.RequiresRoot;
import dev.belljar.linux.testing.RequiresTool;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the rdma controller does to programs that use an RDMA device, on both versions. */
@KernelTest
@RequiresRoot
@RequiresTool({"gcc", "rdma"})
class RdmaTest {
  /** A device in software, over the loopback interface. */
  private static final String DEVICE = "belljar0";

  private static final Path VERBS = Path.of("/sys/class/infiniband_verbs");

  /** Opens a device, which makes a handle, says so, and keeps it until a line comes. */
  private static final String OPENING =
      """
      #include <fcntl.h>
      #include <rdma/ib_user_verbs.h>
      #include <stdio.h>
      #include <unistd.h>
      int main(int argc, char **argv) {
        struct ib_uverbs_get_context_resp answer;
        struct {
          struct ib_uverbs_cmd_hdr header;
          struct ib_uverbs_get_context call;
        } request = {
          { IB_USER_VERBS_CMD_GET_CONTEXT, sizeof request / 4, sizeof answer / 4 },
          { (__u64) &answer },
        };
        int device = open(argv[1], O_RDWR);
        setvbuf(stdout, 0, _IONBF, 0);
        dup2(1, 2);
        if (device < 0 || write(device, &request, sizeof request) != sizeof request) {
          perror("refused");
          return 1;
        }
        puts("open");
        getchar();
        return 0;
      }
      """;

  @TempDir private Path folder;
  private boolean linked;

  @BeforeEach
  void makeADevice() {
    assumeTrue(
        CgroupLayout.current().with(Subsystem.RDMA).isPresent(),
        "needs the controller " + Subsystem.RDMA);
    assumeTrue(Files.exists(Path.of("/sys/module/rdma_rxe")), "needs the module rdma_rxe");
    TestInput.run("rdma", "link", "add", DEVICE, "type", "rxe", "netdev", "lo");
    linked = true;
  }

  @AfterEach
  void removeTheDevice() {
    if (linked) {
      TestInput.run("rdma", "link", "delete", DEVICE);
    }
  }

  /** The file through which programs use the device. */
  private static Path file() {
    try (Stream<Path> all = Files.list(VERBS)) {
      Path verbs = all.filter(RdmaTest::isOurs).findFirst().orElseThrow();
      return Path.of("/dev/infiniband").resolve(verbs.getFileName());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static boolean isOurs(Path verbs) {
    try {
      return Files.isDirectory(verbs)
          && Files.readString(verbs.resolve("ibdev")).strip().equals(DEVICE);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  @Proves({"rdma.max", "rdma.current"})
  void aGroupOpensADeviceAsOftenAsItsLimitSays() {
    String open = "exec %s %s".formatted(CProgram.compile(folder, OPENING), file());
    RdmaResources one = new RdmaResources(Limit.of(1), Limit.of(100));
    try (TestGroup group = TestGroup.with(Subsystem.RDMA)) {
      Rdma rdma = new Rdma(group.directory());
      assertThat(rdma.setMax(DEVICE, one).isExact()).isTrue();
      assertThat(rdma.max()).containsEntry(DEVICE, one);

      Process first = group.run(open);
      assertThat(Ending.line(first)).isEqualTo("open");
      assertThat(rdma.current().get(DEVICE).handles()).isEqualTo(Limit.of(1));

      assertThat(Ending.line(group.run(open)))
          .isEqualTo("refused: Resource temporarily unavailable");

      TestInput.line(first);
      assertThat(Ending.of(first)).isZero();
      assertThat(Ending.line(group.run(open))).as("there is room again").isEqualTo("open");
      assertThatThrownBy(() -> rdma.setMax("mlx5_0", RdmaResources.UNLIMITED))
          .isInstanceOf(LinuxException.class)
          .hasMessageContaining("ENODEV");
      // Else the kernel keeps a pointer to the removed group until the device goes, and then
      // writes through it (6.12.117: free_cg_rpool_locked, "list_del corruption").
      rdma.setMax(DEVICE, RdmaResources.UNLIMITED);
    }
  }
}
