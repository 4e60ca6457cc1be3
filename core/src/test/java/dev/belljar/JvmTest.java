package dev.belljar;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belljar.linux.testing.Effort;
import dev.belljar.linux.testing.RequiresKernel;
import dev.belljar.linux.testing.RequiresRoot;
import dev.belljar.linux.testing.RequiresTool;
import dev.belljar.linux.testing.RequiresUserNamespaces;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** JVMs that were started in other ways than this one, and in places that lack something. */
class JvmTest extends ContainerTest {
  private static final String CLEAN =
      """
      SigPnd:\t0000000000000000
      SigBlk:\t0000000000000000
      SigIgn:\t0000000000000000
      SigCgt:\t0000000000000000
      exited with 7\
      """;

  @Test
  void withSigchldIgnoredItLaunchesAndReaps() throws Exception {
    Effort.assumeNotEmulated();
    assertThat(
            ChildJvm.run(
                List.of("sh", "-c", "trap '' CHLD HUP USR1; exec \"$@\"", "sh"),
                StartsOneContainer.class))
        .isEqualTo(CLEAN);
  }

  @Test
  @RequiresTool("env")
  void withSigquitAndMoreBlockedItLaunchesAndReaps() throws Exception {
    Effort.assumeNotEmulated();
    assertThat(
            ChildJvm.run(
                List.of("env", "--block-signal=QUIT,CHLD,TERM,USR1"), StartsOneContainer.class))
        .isEqualTo(CLEAN);
  }

  @Test
  void withoutStandardStreamsItLaunches() throws Exception {
    Effort.assumeNotEmulated();
    // Descriptors 0 and 2 are free for the library's own then, which must not get into the command.
    assertThat(
            ChildJvm.run(
                List.of("sh", "-c", "exec \"$@\" 0<&- 2>&-", "sh"), StartsOneContainer.class))
        .isEqualTo(CLEAN);
  }

  @Test
  @RequiresTool("unshare")
  @RequiresUserNamespaces
  void asRootOfAUserThatMaySetNoGroupsItLaunches() throws Exception {
    assertThat(
            ChildJvm.run(
                List.of("unshare", "--user", "--map-root-user", "--mount"),
                StartsOneContainer.class))
        .isEqualTo(CLEAN);
  }

  /** There no name but ASCII can be said in a Java path. */
  @Test
  void withoutALocaleNamesAreStillBytes(@TempDir Path folder) throws Exception {
    Effort.assumeNotEmulated();
    String make =
        "cd \"$1\"; d=$(printf 'o\\377\\303\\n \\134'); mkdir \"$d\"; echo odd > \"$d/x\"";
    shell(make, folder);
    try {
      assertThat(
              ChildJvm.run(
                  List.of("env", "LC_ALL=C"),
                  List.of("--enable-native-access=ALL-UNNAMED"),
                  MountsOddNames.class,
                  folder.toString()))
          .isEqualTo("odd\nodd\nodd\n1");
    } finally {
      shell("rm -r \"$1\"/*", folder); // which JUnit could not name
    }
  }

  private static void shell(String script, Path argument) throws Exception {
    assertThat(
            new ProcessBuilder("sh", "-c", script, "sh", argument.toString())
                .inheritIO()
                .start()
                .waitFor())
        .isZero();
  }

  @Test
  void deniedNativeAccessIsSaidWithTheFlag() throws Exception {
    Effort.assumeNotEmulated();
    assertThat(
            ChildJvm.run(
                List.of(), List.of("--illegal-native-access=deny"), StartsOneContainer.class))
        .startsWith("java.lang.IllegalCallerException: ")
        .endsWith("start it with --enable-native-access=ALL-UNNAMED");
  }

  @Test
  @RequiresRoot
  @RequiresKernel("6.3")
  @RequiresTool("unshare")
  void aSysctlThatForbidsExecutableMemoryIsNamed() throws Exception {
    // It is that of a PID namespace.
    String forbid = "echo 2 > /proc/sys/vm/memfd_noexec && exec \"$@\"";
    assertThat(
            ChildJvm.run(
                List.of("unshare", "--pid", "--fork", "--mount-proc", "sh", "-c", forbid, "sh"),
                StartsOneContainer.class))
        .startsWith("dev.belljar.ContainerException: starting a container: ")
        .contains("memfd_create(\"belljar\"")
        .contains("EACCES (13, Permission denied)")
        .contains("set the sysctl vm.memfd_noexec to 0 or 1");
  }

  @Test
  void anotherSystemIsSaid() throws Exception {
    Effort.assumeNotEmulated();
    assertThat(
            ChildJvm.run(
                List.of(),
                List.of("--enable-native-access=ALL-UNNAMED", "-Dos.name=Plan 9"),
                StartsOneContainer.class))
        .isEqualTo(
            "java.lang.UnsupportedOperationException: Belljar needs Linux 5.14 or later; this is"
                + " 'Plan 9'");
  }

  @Test
  void anotherArchitectureIsSaid() throws Exception {
    Effort.assumeNotEmulated();
    assertThat(
            ChildJvm.run(
                List.of(),
                List.of("--enable-native-access=ALL-UNNAMED", "-Dos.arch=riscv64"),
                StartsOneContainer.class))
        .startsWith("java.lang.UnsupportedOperationException: ")
        .contains("riscv64");
  }

  @Test
  @RequiresTool({"unshare", "setpriv"})
  @RequiresUserNamespaces
  void missingPermissionIsSaidWithWhatToDo() throws Exception {
    String noMore =
        "echo 0 > /proc/sys/user/max_user_namespaces;"
            + " exec setpriv --bounding-set=-all --inh-caps=-all \"$@\"";
    assertThat(
            ChildJvm.run(
                List.of("unshare", "--user", "--map-root-user", "sh", "-c", noMore, "sh"),
                StartsOneContainer.class))
        .startsWith("dev.belljar.ContainerException: starting a container: ")
        .contains("clone3(")
        .contains("ENOSPC (28, No space left on device)")
        .contains("user.max_user_namespaces");
  }

  @Test
  @RequiresRoot
  @RequiresTool("unshare")
  void limitsWithoutControllersAreToldAllAtOnce() throws Exception {
    String hide = "mount -t tmpfs none /sys/fs/cgroup && exec \"$@\"";
    String output =
        ChildJvm.run(List.of("unshare", "--mount", "sh", "-c", hide, "sh"), StartsWithLimits.class);
    assertThat(output.lines().toList().getFirst())
        .startsWith("java.lang.UnsupportedOperationException: ")
        .contains("memory")
        .contains("pids")
        .contains("cpu");
    assertThat(output.lines().skip(1))
        .anyMatch(line -> line.startsWith("warning: ") && line.contains("memory"))
        .anyMatch(line -> line.startsWith("warning: ") && line.contains("pids"))
        .last()
        .isEqualTo("lenient: exited with 7");
  }
}
