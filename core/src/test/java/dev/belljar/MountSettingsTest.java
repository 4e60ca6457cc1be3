package dev.belljar;

import static dev.belljar.namespaces.NamespaceType.MOUNT;
import static dev.belljar.namespaces.NamespaceType.PID;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.belljar.linux.BytePath;
import dev.belljar.linux.MountInfo;
import dev.belljar.linux.testing.MakesMounts;
import dev.belljar.linux.testing.RequiresTool;
import dev.belljar.rootfs.Mount;
import dev.belljar.rootfs.MountTable;
import dev.belljar.rootfs.Rootfs;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What options, attributes and settings make of the mounts of a container. */
@MakesMounts
class MountSettingsTest extends ContainerTest {
  private static final String PLACE = "/tmp/m";

  private static String output(ContainerBuilder builder) {
    return run(builder).output();
  }

  @ParameterizedTest
  @MethodSource("dev.belljar.Who#everybody")
  void procIsReadOnlyWhenAsked(Who who) {
    String script =
        "for f in /proc/self/comm /proc/sys/net/ipv4/ip_default_ttl; do"
            + " { echo 1 > $f; } 2>/dev/null || echo refused; done";
    assertThat(output(who.sh(script).mount(Mount.proc("/proc").readOnly())).lines())
        .containsExactly("refused", "refused");
    assertThat(run(who.sh(script)).out()).isEqualTo("refused");
  }

  @ParameterizedTest
  @MethodSource("dev.belljar.Who#everybody")
  void sysIsWritableWhenAsked(Who who) {
    String script = "cat /proc/self/mountinfo";
    boolean isWritable =
        MountTable.current()
            .at(BytePath.of("/sys"))
            .filter(sys -> sys.hasOption("rw") && sys.type().equals("sysfs"))
            .isPresent();
    assumeTrue(who == Who.ROOT || isWritable, "needs a writable /sys");
    for (boolean asked : List.of(true, false)) {
      ContainerBuilder builder = who.sh(script);
      if (asked) {
        builder.mount(Mount.sysfs("/sys").option("rw"));
      }
      assertThat(
              MountTable.parse((output(builder) + "\n").getBytes(StandardCharsets.UTF_8))
                  .at(BytePath.of("/sys"))
                  .orElseThrow()
                  .hasOption("rw"))
          .isEqualTo(asked);
    }
  }

  @ParameterizedTest
  @MethodSource("dev.belljar.Who#everybody")
  @RequiresTool("busybox")
  void aTreeWithProcOnlyHasTheSysThatWasAskedFor(Who who) throws IOException {
    Path tree = Files.createTempDirectory(Path.of("/var/tmp"), "kinds");
    try {
      BusyboxTree.make(tree);
      for (String name : List.of("proc", "sys")) {
        Files.createDirectories(tree.resolve(name));
      }
      String script = "grep ' / /sys ' /proc/self/mountinfo; ls /sys/class/net";
      assertThat(
              output(
                      who.sh(script)
                          .rootfs(Rootfs.directory(tree).withProcOnly())
                          .mount(Mount.sysfs("/sys")))
                  .lines())
          .hasSize(2)
          .endsWith("lo");
    } finally {
      Folders.delete(tree);
    }
  }

  @ParameterizedTest
  @MethodSource("dev.belljar.Who#everybody")
  void procTakesItsOptions(Who who) {
    String script = "cat /proc/self/mountinfo; ls /proc | grep -v '^[0-9]'";
    String out = output(who.sh(script).mount(Mount.proc("/proc").options("hidepid=2,subset=pid")));
    assertThat(out).containsPattern("/proc .* - proc proc rw,hidepid=(2|invisible),subset=pid");
    assertThat(out.lines().filter(line -> !line.contains(" - ")).toList())
        .containsExactly("self", "thread-self");
  }

  @ParameterizedTest
  @MethodSource("dev.belljar.Who#everybody")
  void tmpfsTakesItsOptions(Who who) {
    String script = "stat -c %a /tmp/m; head -c 200000 /dev/zero > /tmp/m/x || echo full";
    Outcome outcome = run(who.sh(script).mount(Mount.tmpfs(PLACE).options("size=64k,mode=0700")));
    assertThat(outcome.output().lines()).containsExactly("700", "full");
  }

  @ParameterizedTest
  @MethodSource("dev.belljar.Who#everybody")
  void devptsHasItsOwnPtmx(Who who) {
    String script = "exec 3<>/tmp/m/ptmx; ls /tmp/m; ls /dev/pts";
    assertThat(output(who.sh(script).mount(Mount.devpts(PLACE))).lines())
        .containsExactly("0", "ptmx", "ptmx");
  }

  @ParameterizedTest
  @MethodSource("dev.belljar.Who#everybody")
  void everyAttributeIsSet(Who who) {
    for (String option :
        List.of("ro", "nosuid", "nodev", "noexec", "noatime", "nodiratime", "nosymfollow")) {
      String script = "grep ' /tmp/m ' /proc/self/mountinfo";
      String out = output(who.sh(script).mount(Mount.tmpfs(PLACE).option(option)));
      assertThat(MountInfo.parseLine(out.getBytes(StandardCharsets.UTF_8)).options())
          .contains(option);
    }
    String strict =
        output(
            who.sh("grep ' /tmp/m ' /proc/self/mountinfo")
                .mount(Mount.tmpfs(PLACE).options("strictatime,suid,dev")));
    assertThat(MountInfo.parseLine(strict.getBytes(StandardCharsets.UTF_8)).options())
        .doesNotContain("relatime", "noatime", "nosuid", "nodev");
  }

  @ParameterizedTest
  @MethodSource("dev.belljar.Who#everybody")
  void sysctlsAreThoseOfTheNamespaces(Who who) throws Exception {
    String file = "/proc/sys/net/ipv4/ip_default_ttl";
    String before = Files.readString(Path.of(file));
    assertThat(output(who.sh("cat " + file).sysctl("net.ipv4.ip_default_ttl", "77")))
        .isEqualTo("77");
    assertThat(Files.readString(Path.of(file))).isEqualTo(before);
  }

  @Test
  void sysctlsOfTheMachineAreRefused() {
    assertThat(
            catchThrowable(() ->
                sh("true")
                    .namespaces(MOUNT, PID)
                    .sysctl("vm.swappiness", "1")
                    .sysctl("net.ipv4.ip_forward", "1")
                    .sysctl("kernel.hostname", "x")
                    .sysctl("../x", "1")
                    .build()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("vm.swappiness belongs to no namespace")
        .hasMessageContaining("net.ipv4.ip_forward needs NET")
        .hasMessageContaining("use the builder's hostname")
        .hasMessageContaining("'../x'");
  }

  @ParameterizedTest
  @MethodSource("dev.belljar.Who#everybody")
  void directoriesOfTheCommandAreMade(Who who) {
    ContainerBuilder builder =
        who.sh("pwd; echo $HOME; stat -c %u:%a . $HOME")
            .workingDirectory("/tmp/a/b")
            .environment("HOME", "/tmp/home")
            .makeDirectories();
    if (who == Who.ROOT) {
      builder.user(1234, 1234);
    }
    String uid = who == Who.ROOT ? "1234" : "0";
    assertThat(output(builder).lines())
        .containsExactly("/tmp/a/b", "/tmp/home", uid + ":755", uid + ":755");
  }
}
