package dev.belljar.rootfs.launch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.belljar.linux.LinuxException;
import dev.belljar.linux.testing.KernelTest;
import dev.belljar.linux.testing.RequiresOrdinaryUser;
import dev.belljar.linux.testing.RequiresRoot;
import dev.belljar.linux.testing.RequiresTool;
import dev.belljar.linux.testing.RequiresUserNamespaces;
import dev.belljar.linux.testing.WarmUp;
import dev.belljar.linux.uapi.Uapi;
import dev.belljar.rootfs.Mount;
import dev.belljar.rootfs.ProcFallback;
import dev.belljar.rootfs.Rootfs;
import dev.belljar.rootfs.launch.Surroundings.Propagation;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What is different for somebody who is not root, whether or not the JVM is. */
@KernelTest
@RequiresUserNamespaces
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class OrdinaryUserKernelTest {
  @TempDir Path folder;

  @WarmUp
  static void startsSomethingOnce() {
    TestContainer.warmUp();
  }

  @Test
  void theHostsFilesAreReadOnlyAndDevicesWork() {
    String script =
        """
        touch /x 2>/dev/null || echo refused
        head -c 3 /dev/zero | od -An -tx1
        echo x > /tmp/x && cat /tmp/x
        cd /proc; echo [0-9]*
        """;
    assertThat(new TestContainer().asOrdinaryUser().sh(script).lines())
        .containsExactly("refused", " 00 00 00", "x", "1");
  }

  @Test
  @RequiresOrdinaryUser
  @RequiresTool("busybox")
  void aDirectoryOfTheUserIsWritable() {
    Path tree = Trees.programsOnly(folder);
    assertThat(
            new TestContainer()
                .asOrdinaryUser()
                .rootfs(Rootfs.directory(tree))
                .sh("echo x > /x; cat /x; ls -A /")
                .lines())
        .containsExactly("x", "bin", "dev", "proc", "sys", "tmp", "x");
  }

  @Test
  void sharedWithTheHostIsWhatHasNoNamespaceOfItsOwn() {
    TestContainer container =
        new TestContainer()
            .asOrdinaryUser()
            .without(Uapi.CLONE_NEWPID())
            .without(Uapi.CLONE_NEWNET())
            .without(Uapi.CLONE_NEWIPC());
    String script =
        """
        ls -d /proc/%d
        ls -A /sys/fs/cgroup /sys/firmware
        ls -d /dev/mqueue
        { echo > /proc/sys/kernel/core_pattern; } 2>/dev/null || echo refused
        mkdir /sys/x 2>/dev/null || echo refused
        """
            .formatted(ProcessHandle.current().pid());
    assertThat(container.sh(script).lines())
        .startsWith("/proc/" + ProcessHandle.current().pid())
        .endsWith("refused", "refused")
        .anyMatch(line -> line.contains("cannot access '/dev/mqueue'"));
  }

  @Test
  @RequiresRoot
  void whyNoNewProcCanBeMadeIsExplained() {
    try (Surroundings surroundings = Surroundings.with(Propagation.PRIVATE)) {
      surroundings.run("mount --bind /dev/null /proc/cpuinfo");
      assertThatExceptionOfType(LinuxException.class)
          .isThrownBy(() -> new TestContainer().asOrdinaryUser().in(surroundings).sh("true"))
          .withMessageStartingWith("make a new /proc: fsmount(")
          .withMessageContaining("EPERM")
          .withMessageContaining("something is mounted over a part of /proc");
    }
  }

  @Test
  @RequiresRoot
  void whereNoNewProcCanBeMadeThePresentOneIsBoundIfThatIsWanted() {
    try (Surroundings surroundings = Surroundings.with(Propagation.PRIVATE)) {
      surroundings.run("mount --bind /dev/null /proc/cpuinfo");
      String script =
          "cat /proc/version; cat /proc/keys; { echo h > /proc/sysrq-trigger; }"
              + " 2>/dev/null || echo refused";
      assertThat(
              new TestContainer()
                  .asOrdinaryUser()
                  .in(surroundings)
                  .procFallback(ProcFallback.BIND)
                  .sh(script)
                  .lines())
          .hasSize(2)
          .endsWith("refused")
          .first()
          .satisfies(line -> assertThat(line).startsWith("Linux version"));
    }
  }

  @Test
  @RequiresRoot
  void thePresentProcIsNotBoundInPlaceOfOneWithOptions() {
    try (Surroundings surroundings = Surroundings.with(Propagation.PRIVATE)) {
      surroundings.run("mount --bind /dev/null /proc/cpuinfo");
      TestContainer container =
          new TestContainer()
              .asOrdinaryUser()
              .in(surroundings)
              .given(Mount.proc("/proc").option("hidepid=2"))
              .procFallback(ProcFallback.BIND);
      assertThatExceptionOfType(LinuxException.class)
          .isThrownBy(() -> container.sh("true"))
          .withMessageContaining("the host's would not have the options that were asked for");
    }
  }

  @Test
  @RequiresRoot
  void aMountThatIsReadOnlyOutsideStaysSo() {
    try (Surroundings surroundings = Surroundings.with(Propagation.PRIVATE)) {
      surroundings.run("mount -o remount,bind,ro /proc");
      assertThat(
              new TestContainer()
                  .asOrdinaryUser()
                  .in(surroundings)
                  .sh("echo 5 > /proc/self/oom_score_adj; echo up")
                  .lines())
          .hasSize(2)
          .endsWith("up")
          .first()
          .satisfies(line -> assertThat(line).contains("Read-only file system"));
    }
  }
}
