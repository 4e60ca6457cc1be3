package dev.belljar.rootfs.launch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belljar.linux.BytePath;
import dev.belljar.linux.MountInfo;
import dev.belljar.linux.testing.KernelTest;
import dev.belljar.linux.testing.RequiresRoot;
import dev.belljar.linux.testing.WarmUp;
import dev.belljar.rootfs.Rootfs;
import dev.belljar.rootfs.launch.Surroundings.Propagation;
import dev.belljar.rootfs.launch.TestContainer.Result;
import dev.belljar.rootfs.launch.TestContainer.Running;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a container on the host's files sees and can do, as root and as somebody else. */
@KernelTest
@RequiresRoot
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class RootfsKernelTest {
  private static final String EACH_MASK =
      """
      for f in /proc/kcore /proc/keys /proc/latency_stats /proc/timer_list /proc/timer_stats \
          /proc/sched_debug /proc/interrupts; do
        [ ! -e $f ] || [ "$(stat -c %t:%T $f)" = 1:3 ] || echo "not masked: $f"
      done
      for d in /proc/acpi /proc/asound /proc/scsi /sys/firmware /sys/devices/virtual/powercap; do
        [ ! -e $d ] || [ -z "$(ls -A $d)" ] || echo "not masked: $d"
        mkdir $d/x 2>/dev/null && echo "writable: $d"
      done
      """;

  /** Every write would be without effect if it succeeded. */
  private static final String EACH_WRITE =
      """
      for f in sys/kernel/core_pattern sys/kernel/hostname irq/default_smp_affinity; do
        v=$(cat /proc/$f)
        { echo "$v" > /proc/$f; } 2>/dev/null && echo "writable: $f"
      done
      { echo h > /proc/sysrq-trigger; } 2>/dev/null && echo "writable: sysrq-trigger"
      { echo > /sys/kernel/uevent_helper; } 2>/dev/null && echo "writable: /sys"
      true
      """;

  /** Who starts the container, and where. */
  enum Start {
    ROOT(false, Propagation.PRIVATE),
    ROOT_AMONG_SHARED_MOUNTS(false, Propagation.SHARED),
    ORDINARY_USER(true, Propagation.PRIVATE),
    ORDINARY_USER_AMONG_SHARED_MOUNTS(true, Propagation.SHARED);

    private final boolean isUser;
    private final Propagation propagation;

    Start(boolean isUser, Propagation propagation) {
      this.isUser = isUser;
      this.propagation = propagation;
    }

    TestContainer in(Surroundings surroundings) {
      TestContainer container = new TestContainer().in(surroundings);
      return isUser ? container.asOrdinaryUser() : container;
    }
  }

  @WarmUp
  static void startsSomethingOnce() {
    TestContainer.warmUp();
    for (Start start : Start.values()) {
      sh(start, Rootfs.host(), "true");
    }
  }

  private static Result sh(Start start, Rootfs rootfs, String script) {
    try (Surroundings surroundings = Surroundings.with(start.propagation)) {
      return start.in(surroundings).rootfs(rootfs).sh(script);
    }
  }

  private static List<MountInfo> mounts(String text) {
    return MountInfo.parse(text.getBytes(StandardCharsets.UTF_8));
  }

  @ParameterizedTest
  @EnumSource
  void theFilesAreThoseOfTheHostAndReadOnly(Start start) {
    assertThat(
            sh(start, Rootfs.host(), "test -x /bin/sh && ! touch /x && ! touch /etc/x && pwd")
                .lines())
        .anyMatch(line -> line.contains("Read-only file system"))
        .endsWith("/");
  }

  @ParameterizedTest
  @EnumSource
  void everyMountOfTheHostIsRestricted(Start start) {
    List<MountInfo> inside = mounts(sh(start, Rootfs.host(), "cat /proc/self/mountinfo").output());
    MountInfo root =
        inside.stream()
            .filter(mount -> mount.mountPoint().equals(BytePath.of("/")))
            .findFirst()
            .orElseThrow();
    assertThat(root.options()).contains("ro", "nosuid", "nodev");
    assertThat(inside)
        .allSatisfy(mount -> assertThat(mount.options()).contains("nosuid"))
        .allSatisfy(mount -> assertThat(mount.optionalFields()).isEmpty())
        .filteredOn(mount -> mount.parentId() == root.id())
        .filteredOn(mount ->
            !List.of("/proc", "/tmp", "/run", "/dev").contains(mount.mountPoint().toString()))
        .allSatisfy(mount -> assertThat(mount.options()).contains("ro", "nodev"));
  }

  @ParameterizedTest
  @EnumSource
  void onlyItsOwnProcessesAreInProc(Start start) {
    assertThat(sh(start, Rootfs.host(), "cd /proc; echo [0-9]*").lines()).containsExactly("1");
  }

  @ParameterizedTest
  @EnumSource
  void devicesWork(Start start) {
    String script =
        """
        head -c 3 /dev/zero | od -An -tx1
        head -c 8 /dev/urandom | wc -c
        head -c 8 /dev/random | wc -c
        echo x > /dev/null && cat /dev/null
        { echo x > /dev/full; } 2>/dev/null || echo full
        cat /dev/tty 2>/dev/null || echo no terminal
        stat -c %t:%T:%a /dev/null /dev/zero /dev/full /dev/random /dev/urandom /dev/tty
        exec 3<>/dev/ptmx && ls /dev/pts
        readlink /dev/fd /dev/stdin /dev/stdout /dev/stderr
        """;
    assertThat(sh(start, Rootfs.host(), script).lines())
        .containsExactly(
            " 00 00 00",
            "8",
            "8",
            "full",
            "no terminal",
            "1:3:666",
            "1:5:666",
            "1:7:666",
            "1:8:666",
            "1:9:666",
            "5:0:666",
            "0",
            "ptmx",
            "/proc/self/fd",
            "/proc/self/fd/0",
            "/proc/self/fd/1",
            "/proc/self/fd/2");
  }

  @ParameterizedTest
  @EnumSource
  void someDirectoriesAreEmptyAndWritable(Start start) {
    String script =
        "ls -A /tmp /run /dev/shm /dev/mqueue;"
            + " for d in /tmp /run /dev/shm; do echo x > $d/x && cat $d/x; done;"
            + " stat -c %a /tmp /run /dev /dev/shm";
    assertThat(sh(start, Rootfs.host(), script).lines())
        .containsSubsequence("x", "x", "x", "1777", "755", "755", "1777");
  }

  @ParameterizedTest
  @EnumSource
  void whatTellsOfTheMachineIsMasked(Start start) {
    assertThat(sh(start, Rootfs.host(), EACH_MASK).output()).isEmpty();
  }

  @ParameterizedTest
  @EnumSource
  void whatChangesTheMachineIsReadOnly(Start start) {
    assertThat(sh(start, Rootfs.host(), EACH_WRITE).output()).isEmpty();
  }

  @ParameterizedTest
  @EnumSource
  void nothingElseOfProcIsReadOnly(Start start) {
    assertThat(sh(start, Rootfs.host(), "echo 500 > /proc/self/oom_score_adj && echo done").lines())
        .containsExactly("done");
  }

  @ParameterizedTest
  @EnumSource
  void theSurroundingMountsStayAsTheyAre(Start start) {
    try (Surroundings surroundings = Surroundings.with(start.propagation)) {
      List<MountInfo> before = surroundings.mounts();
      try (Running running = start.in(surroundings).start("/bin/sh", "-c", "echo up; read x")) {
        running.awaitOutput("up");
        assertThat(surroundings.mounts()).isEqualTo(before);
      }
      assertThat(surroundings.mounts()).isEqualTo(before);
    }
  }

  @ParameterizedTest
  @EnumSource
  void whatIsMountedOutsideLaterIsNotSeenInside(Start start) {
    try (Surroundings surroundings = Surroundings.with(start.propagation);
        Running running =
            start
                .in(surroundings)
                .start("/bin/sh", "-c", "echo up; read x; cat /proc/self/mountinfo")) {
      running.awaitOutput("up");
      surroundings.run("mount -t tmpfs later /mnt; mount --bind /dev/zero /dev/null");
      assertThat(surroundings.mounts())
          .anyMatch(mount -> mount.source().toString().equals("later"));
      Result result = running.write("\n").result();
      assertThat(result.output()).contains("/proc/").doesNotContain("later");
    }
  }

  @ParameterizedTest
  @EnumSource
  void theOldRootIsOutOfReach(Start start) {
    List<MountInfo> inside =
        mounts(
            sh(start, Rootfs.host(), "cd /../../..; pwd >&2; cat /proc/self/mountinfo")
                .output()
                .replaceFirst("^/\n", ""));
    List<MountInfo> roots =
        inside.stream().filter(m -> m.mountPoint().equals(BytePath.of("/"))).toList();
    assertThat(roots).hasSize(1);
    assertThat(inside)
        .filteredOn(mount -> inside.stream().noneMatch(m -> m.id() == mount.parentId()))
        .containsExactlyElementsOf(roots);
  }

  @ParameterizedTest
  @EnumSource
  void aHiddenDirectoryIsEmptyAndReadOnly(Start start) {
    assertThat(
            sh(start, Rootfs.host().hide("/usr/share"), "ls -A /usr/share; touch /usr/share/x")
                .lines())
        .singleElement()
        .satisfies(line -> assertThat(line).contains("Read-only file system"));
  }

  @ParameterizedTest
  @EnumSource
  void aHiddenFileIsTheNullDevice(Start start) {
    assertThat(
            sh(
                    start,
                    Rootfs.host().hide("/etc/passwd").hide("/proc/cpuinfo").hide("/bin/nothing"),
                    "stat -c %t:%T /etc/passwd /proc/cpuinfo; cat /etc/passwd /proc/cpuinfo")
                .lines())
        .containsExactly("1:3", "1:3");
  }

  @ParameterizedTest
  @EnumSource
  void nothingIsMaskedForThePrivileged(Start start) {
    try (Surroundings surroundings = Surroundings.with(start.propagation)) {
      assertThat(
              start
                  .in(surroundings)
                  .privileged()
                  .sh("grep -c -E ' /proc/.* - (proc|tmpfs) none' /proc/self/mountinfo")
                  .lines())
          .containsExactly("0");
    }
  }
}
