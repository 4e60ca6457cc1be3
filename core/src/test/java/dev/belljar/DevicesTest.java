package dev.belljar;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.belljar.cgroups.controller.DeviceAccess;
import dev.belljar.cgroups.controller.DeviceRule;
import dev.belljar.linux.testing.MakesMounts;
import dev.belljar.linux.testing.RequiresRoot;
import dev.belljar.rootfs.Device;
import dev.belljar.rootfs.Rootfs;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Devices beside those that every container has. */
@MakesMounts
class DevicesTest extends ContainerTest {
  private static final String READ = "head -c 4 /dev/sub/nothing | od -An -tx1";
  private static final String WRITE = "(echo > /dev/sub/nothing) 2>&1 && echo written";

  private static final Device ZERO =
      Device.character("/dev/sub/nothing", 1, 5).from("/dev/zero").mode(0640).owner(7, 8);

  @ParameterizedTest
  @MethodSource("dev.belljar.Who#everybody")
  void aDeviceIsThereAndWorks(Who who) {
    assertThat(run(who.sh(READ + "; " + WRITE).device(ZERO)).output().lines())
        .containsExactly("00 00 00 00", "written");
  }

  @ParameterizedTest
  @MethodSource("dev.belljar.Who#everybody")
  void ofTheHostIsWhatTheHostHas(Who who) {
    Device full = Device.ofHost("/dev/full");
    assertThat(full).hasToString("/dev/full (c 1:7)");
    assertThat(run(who.sh("stat -c %t:%T /dev/more").device(full.at("/dev/more"))).output())
        .isEqualTo("1:7");
  }

  @RequiresRoot
  @Test
  void aNodeThatIsMadeHasItsOwnerAndPermissions() {
    String script = "stat -c '%F %t:%T %a %u:%g' /dev/sub/nothing /dev/disk; stat -c %a /dev/sub";
    assertThat(
            run(sh(script).device(ZERO).device(Device.block("/dev/disk", 7, 300))).output().lines())
        .containsExactly(
            "character special file 1:5 640 7:8", "block special file 7:12c 660 0:0", "755");
  }

  @RequiresRoot
  @Test
  void accessIsLimitedWithoutAnyRule() {
    ContainerBuilder builder = sh(READ + "; " + WRITE + "; echo > /dev/null && echo null");
    assertThat(run(builder.device(ZERO, DeviceAccess.READ)).output())
        .contains("00 00 00 00")
        .contains("not permitted")
        .contains("null")
        .doesNotContain("written");
  }

  @RequiresRoot
  @Test
  void rulesThatForgetADeviceAreMendedAndNoMore() {
    ContainerBuilder builder =
        sh(READ + "; " + WRITE + "; cat /dev/full 2>&1; echo > /dev/null && echo null")
            .devices(DeviceRule.allow("c 1:3 rw"))
            .device(ZERO);
    assertThat(run(builder).output().lines())
        .contains("00 00 00 00", "written", "null")
        .anyMatch(line -> line.contains("not permitted"));
  }

  @ParameterizedTest
  @MethodSource("dev.belljar.Who#everybody")
  void inAUserNamespaceTheHostMustHaveIt(Who who) {
    ContainerBuilder builder = who.sh("true").device(Device.character("/dev/nonesuch", 99, 1));
    if (who == Who.ROOT) {
      assertThat(run(builder).status().isSuccess()).isTrue();
      return;
    }
    assertThat(catchThrowable(builder::start))
        .isInstanceOf(UnsupportedOperationException.class)
        .hasMessageContaining(
            "device /dev/nonesuch (c 99:1): its source /dev/nonesuch does not exist");
  }

  @ParameterizedTest
  @MethodSource("dev.belljar.Who#everybody")
  void inAUserNamespaceTheHostMustHaveTheSame(Who who) {
    ContainerBuilder builder =
        who.sh("stat -c %t:%T /dev/x").device(Device.character("/dev/x", 1, 5).from("/dev/null"));
    if (who == Who.ROOT) {
      assertThat(run(builder).output()).isEqualTo("1:5");
      return;
    }
    assertThat(catchThrowable(builder::start))
        .isInstanceOf(ContainerException.class)
        .hasMessageContaining("take the host's /dev/null")
        .hasMessageContaining("the host has another device there than /dev/x (c 1:5)");
    assertThat(builder.build().plan().warnings())
        .anyMatch(warning -> warning.contains("devices are the host's own nodes"));
  }

  @Test
  void whatCannotBeADeviceIsTold() {
    ContainerBuilder builder =
        sh("true")
            .device(Device.character("/dev/null", 1, 3))
            .device(Device.character("/dev/pts/7", 1, 3))
            .device(Device.character("/dev/a", 1, 3))
            .device(Device.character("/dev/a/b", 1, 3))
            .device(Device.character("/dev/m", 1, 3), DeviceAccess.MKNOD);
    assertThat(catchThrowable(builder::build))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("device /dev/null (c 1:3): /dev/null is every container's own")
        .hasMessageContaining("/dev/pts is every container's own")
        .hasMessageContaining("devices /dev/a (c 1:3) and /dev/a/b (c 1:3) are in each other's")
        .hasMessageContaining("device /dev/m (c 1:3) is for READ, WRITE or both");
    assertThat(
            catchThrowable(
                () -> sh("true").rootfs(Rootfs.directory("/").withProcOnly()).device(ZERO).build()))
        .hasMessageContaining("devices need a /dev of the container's own");
    for (String path : List.of("/tmp/x", "/dev", "dev/x", "/dev/../x")) {
      assertThat(catchThrowable(() -> Device.character(path, 1, 3)))
          .as(path)
          .hasMessageContaining("is not a path below /dev");
    }
    assertThat(catchThrowable(() -> Device.ofHost("/etc/passwd")))
        .hasMessage("/etc/passwd is no device");
  }

  @ParameterizedTest
  @MethodSource("dev.belljar.Who#everybody")
  void withPlainChrootOneCanBeEnteredAndNotLeft(Who who) {
    try (Container container = who.sh("cat").plainChroot().start()) {
      assertThat(container.plan().warnings())
          .anyMatch(warning -> warning.contains("the host's root stays below the container's"));
      assertThat(exec(container, "ls /proc/1/root/dev; chroot / true && echo changed").out())
          .contains("null", "shm")
          .doesNotContain("changed", "vda", "kmsg");
    }
  }
}
