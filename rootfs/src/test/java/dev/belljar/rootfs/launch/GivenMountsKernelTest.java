package dev.belljar.rootfs.launch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.belljar.linux.BytePath;
import dev.belljar.linux.LinuxException;
import dev.belljar.linux.MountInfo;
import dev.belljar.linux.testing.KernelTest;
import dev.belljar.linux.testing.RequiresRoot;
import dev.belljar.linux.testing.WarmUp;
import dev.belljar.rootfs.Mount;
import dev.belljar.rootfs.Overlay;
import dev.belljar.rootfs.Propagation;
import dev.belljar.rootfs.Rootfs;
import dev.belljar.rootfs.launch.TestContainer.Running;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What mounts that were asked for do among mounts of the host, shared and private. */
@KernelTest
@RequiresRoot
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class GivenMountsKernelTest {
  private static final String TREE =
      "mount -t tmpfs top /mnt; mkdir /mnt/a /mnt/a/b; mount -t tmpfs sub /mnt/a/b;"
          + " chmod 777 /mnt /mnt/a /mnt/a/b; echo x > /mnt/a/b/x";

  @WarmUp
  static void startsSomethingOnce() {
    TestContainer.warmUp();
    try (Surroundings surroundings = Surroundings.with(Surroundings.Propagation.SHARED)) {
      container(surroundings, true).sh("true");
      container(surroundings, false).sh("true");
    }
  }

  private static TestContainer container(Surroundings surroundings, boolean isUser) {
    TestContainer container = new TestContainer().in(surroundings);
    return isUser ? container.asOrdinaryUser() : container;
  }

  @ParameterizedTest
  @CsvSource({"false,PRIVATE", "false,SHARED", "true,PRIVATE", "true,SHARED"})
  void anRbindIsReadOnlyDownToTheLastMount(boolean isUser, Surroundings.Propagation propagation) {
    try (Surroundings surroundings = Surroundings.with(propagation)) {
      surroundings.run(TREE);
      List<MountInfo> before = surroundings.mounts();
      String script =
          "cat /tmp/t/a/b/x; for f in /tmp/t/x /tmp/t/a/x /tmp/t/a/b/y; do"
              + " echo > $f && echo written $f; done 2>/dev/null; echo end";
      assertThat(
              container(surroundings, isUser)
                  .given(Mount.rbind("/mnt", "/tmp/t").readOnly())
                  .sh(script)
                  .lines())
          .containsExactly("x", "end");
      assertThat(
              container(surroundings, isUser)
                  .given(Mount.rbind("/mnt", "/tmp/t"))
                  .sh(script)
                  .lines())
          .containsExactly(
              "x", "written /tmp/t/x", "written /tmp/t/a/x", "written /tmp/t/a/b/y", "end");
      assertThat(surroundings.mounts()).isEqualTo(before);
    }
  }

  @ParameterizedTest
  @CsvSource({"false", "true"})
  void aBindLeavesOutWhatIsMountedBelow(boolean isUser) {
    try (Surroundings surroundings = Surroundings.with(Surroundings.Propagation.PRIVATE)) {
      surroundings.run(TREE);
      TestContainer container = container(surroundings, isUser).given(Mount.bind("/mnt", "/tmp/t"));
      if (isUser) {
        assertThatExceptionOfType(LinuxException.class)
            .isThrownBy(() -> container.sh("true"))
            .withMessageContaining("take /mnt for /tmp/t")
            .withMessageContaining("only rbind can take along");
      } else {
        assertThat(container.sh("ls -A /tmp/t /tmp/t/a/b").lines())
            .containsExactly("/tmp/t:", "a", "", "/tmp/t/a/b:");
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"false,RSLAVE", "true,RSLAVE", "false,SLAVE", "true,SLAVE"})
  void whatTheHostMountsLaterIsSeenInASlave(boolean isUser, Propagation slave) {
    try (Surroundings surroundings = Surroundings.with(Surroundings.Propagation.SHARED)) {
      surroundings.run(TREE);
      String script =
          "echo up; read x; cat /tmp/t/late/x; echo y > /tmp/t/late/y && echo written;"
              + " grep ' /tmp/t/late ' /proc/self/mountinfo";
      try (Running running =
          container(surroundings, isUser)
              .given(Mount.rbind("/mnt", "/tmp/t").propagation(slave))
              .start("/bin/sh", "-c", script)) {
        running.awaitOutput("up");
        surroundings.run(
            "mkdir /mnt/late; mount -t tmpfs late /mnt/late; chmod 777 /mnt/late; echo x >"
                + " /mnt/late/x");
        List<String> lines = running.write("\n").result().lines();
        assertThat(lines).startsWith("up", "x", "written").hasSize(4);
      }
      assertThat(surroundings.run("ls /mnt/late")).contains("x", "y");
    }
  }

  @ParameterizedTest
  @CsvSource({"false", "true"})
  void aSharedMountReachesNobodyOutside(boolean isUser) {
    try (Surroundings surroundings = Surroundings.with(Surroundings.Propagation.SHARED)) {
      surroundings.run(TREE);
      List<MountInfo> before = surroundings.mounts();
      String script =
          "grep ' /tmp/t ' /proc/self/mountinfo; mkdir /tmp/t/in && mount -t tmpfs in /tmp/t/in;"
              + " echo up; read x";
      try (Running running =
          container(surroundings, isUser)
              .given(Mount.rbind("/mnt", "/tmp/t").propagation(Propagation.RSHARED))
              .start("/bin/sh", "-c", script)) {
        assertThat(running.awaitOutput("up")).contains(" shared:");
        assertThat(surroundings.mounts()).isEqualTo(before);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"false", "true"})
  void anUnbindableMountIsMarkedSo(boolean isUser) {
    try (Surroundings surroundings = Surroundings.with(Surroundings.Propagation.SHARED)) {
      assertThat(
              container(surroundings, isUser)
                  .given(Mount.tmpfs("/tmp/t").option("unbindable"))
                  .sh("grep ' /tmp/t ' /proc/self/mountinfo")
                  .output())
          .contains(" unbindable ");
    }
  }

  @ParameterizedTest
  @CsvSource({"false", "true"})
  void aRestrictionOfTheHostStays(boolean isUser) {
    try (Surroundings surroundings = Surroundings.with(Surroundings.Propagation.PRIVATE)) {
      surroundings.run(TREE + "; mount -o remount,bind,noexec,nosuid /mnt");
      TestContainer container =
          container(surroundings, isUser).given(Mount.rbind("/mnt", "/tmp/t").option("exec"));
      if (isUser) {
        assertThatExceptionOfType(LinuxException.class)
            .isThrownBy(() -> container.sh("true"))
            .withMessageContaining("cannot be taken off in a user namespace");
      } else {
        assertThat(container.sh("grep ' /tmp/t ' /proc/self/mountinfo").output())
            .doesNotContain("noexec");
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"false,PRIVATE", "false,SHARED", "true,PRIVATE", "true,SHARED"})
  void overlaysAndCopiesLeaveTheirLowersAlone(
      boolean isUser, Surroundings.Propagation propagation) {
    assumeTrue(!isUser || MemoryAttributes.supported(), "needs attributes in memory");
    try (Surroundings surroundings = Surroundings.with(propagation)) {
      surroundings.run(
          "mount -t tmpfs top /mnt; mkdir -m 777 /mnt/1 /mnt/2; echo 1 > /mnt/1/x; echo 2 >"
              + " /mnt/2/x; echo 2 > /mnt/2/y; chown 54321:54321 /mnt/1/x");
      List<MountInfo> before = surroundings.mounts();
      String script =
          "cat /tmp/o/x /tmp/o/y; echo new > /tmp/o/x; echo new > /tmp/o/z; cat /tmp/o/x /tmp/o/z;"
              + " stat -c %a /tmp/o; stat -c %a /etc; echo more > /etc/more; ls /etc/more; cat"
              + " /tmp/s/x; touch /tmp/s/x 2>/dev/null || echo refused";
      assertThat(
              container(surroundings, isUser)
                  .given(
                      Mount.overlay(Overlay.of("/mnt/1", "/mnt/2"), "/tmp/o"),
                      Mount.overlay(Overlay.of("/mnt/2").readOnly(), "/tmp/s"),
                      Mount.overlay(Overlay.of("/mnt/2").size(65_536), "/tmp/q"),
                      Mount.tmpfs("/etc").copyUp())
                  .sh(script)
                  .lines())
          .containsExactly("1", "2", "new", "new", "777", "755", "/etc/more", "2", "refused");
      assertThat(surroundings.run("cat /mnt/1/x; ls /mnt/1 /etc/more 2>/dev/null"))
          .isEqualTo("1\n/mnt/1:\nx\n");
      assertThat(surroundings.mounts()).isEqualTo(before);
    }
  }

  @ParameterizedTest
  @CsvSource({"false", "true"})
  void aHundredLayersAreOne(boolean isUser) {
    assumeTrue(!isUser || MemoryAttributes.supported(), "needs attributes in memory");
    try (Surroundings surroundings = Surroundings.with(Surroundings.Propagation.PRIVATE)) {
      surroundings.run(
          "mount -t tmpfs top /mnt; i=0; while [ $i -lt 100 ]; do mkdir /mnt/$i; echo $i >"
              + " /mnt/$i/x; echo $i > /mnt/$i/f$i; i=$((i+1)); done");
      List<BytePath> layers =
          IntStream.range(0, 100).mapToObj(i -> BytePath.of("/mnt/" + i)).toList();
      assertThat(
              container(surroundings, isUser)
                  .rootfs(Rootfs.host())
                  .given(Mount.overlay(Overlay.of(layers), "/tmp/o"))
                  .sh("cat /tmp/o/x; cat /tmp/o/f99; ls /tmp/o | grep -c f")
                  .lines())
          .containsExactly("0", "99", "100");
    }
  }
}
