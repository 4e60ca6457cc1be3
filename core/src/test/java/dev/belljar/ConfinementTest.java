package dev.belljar;

import static dev.belljar.namespaces.NamespaceType.IPC;
import static dev.belljar.namespaces.NamespaceType.MOUNT;
import static dev.belljar.namespaces.NamespaceType.PID;
import static dev.belljar.namespaces.NamespaceType.UTS;
import static org.assertj.core.api.Assertions.assertThat;

import dev.belljar.linux.testing.MakesMounts;
import dev.belljar.linux.testing.RequiresRoot;
import dev.belljar.linux.testing.RequiresTool;
import dev.belljar.rootfs.Rootfs;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What root inside must not be able to do, tried with busybox's own programs, in the machine's
 * files and in a directory.
 */
@MakesMounts
@RequiresTool("busybox")
class ConfinementTest extends ContainerTest {
  @TempDir private Path dir;

  // Every trial is harmless where it should succeed after all.
  private void inEveryContainer(Consumer<ContainerBuilder> trial) throws Exception {
    trial.accept(sh(""));
    trial.accept(sh("").namespaces(PID, MOUNT, UTS, IPC));
    trial.accept(sh("").init(true));
    if (!Files.exists(dir.resolve("bin"))) {
      BusyboxTree.make(dir);
    }
    trial.accept(sh("").rootfs(Rootfs.directory(dir)));
    trial.accept(sh("").rootfs(Rootfs.directory(dir).readOnly()));
    trial.accept(sh("").rootfs(Rootfs.directory(dir).withProcOnly()));
  }

  private void fails(String script, String... why) throws Exception {
    inEveryContainer(builder -> {
      Outcome outcome = run(builder.command("sh", "-c", "exec busybox sh -c '" + script + "'"));
      assertThat(outcome.status().code()).as("%s: %s", script, outcome).isNotZero();
      assertThat(outcome.err() + outcome.out()).as(script).containsAnyOf(why);
    });
  }

  @Test
  void noDeviceOfADiskCanBeMade() throws Exception {
    fails("mknod /dev/disk b 8 0", "Operation not permitted");
    fails("mknod /tmp/disk b 8 0", "Operation not permitted", "Read-only file system");
    fails("mknod /tmp/memory c 1 1", "Operation not permitted", "Read-only file system");
  }

  @Test
  @RequiresRoot
  void aDiskIsNotToBeFoundAndOneThatIsCannotBeOpened() throws Exception {
    BusyboxTree.make(dir);
    Path disk = dir.resolve("disk");
    // The null device stands for a disk: in the tree by the host's doing, where nodev holds.
    new ProcessBuilder("mknod", disk.toString(), "c", "1", "3").start().waitFor();
    fails("ls -l /disk && : < /disk", "No such file", "Permission denied");
    fails("ls /dev | grep -qE \"^(sd|vd|nvme|loop|dm-|mem|kmsg|port)\"", "");
  }

  @Test
  @RequiresRoot
  void aDiskOfTheHostThatIsInTheTreeCannotBeMountedOrRead() throws Exception {
    // The kernel asks who mounts before it looks for the disk, so any number does where there is
    // none.
    String[] disk = // major minor blocks name
        Files.readAllLines(Path.of("/proc/partitions")).stream()
            .map(line -> line.strip().split(" +"))
            .filter(fields -> fields.length == 4 && Character.isDigit(fields[0].charAt(0)))
            .findFirst()
            .orElse(new String[] {"7", "0"});
    BusyboxTree.make(dir);
    Files.createDirectory(dir.resolve("mnt"));
    Path node = dir.resolve("disk");
    new ProcessBuilder("mknod", node.toString(), "b", disk[0], disk[1]).start().waitFor();
    for (ContainerBuilder builder :
        List.of(sh(""), sh("").init(true), sh("").namespaces(PID, MOUNT))) {
      ContainerBuilder inTree = builder.rootfs(Rootfs.directory(dir));
      Outcome mount = run(inTree.command("sh", "-c", "mount -o ro -t ext4 /disk /mnt; exit $?"));
      assertThat(mount.status().isSuccess()).isFalse();
      assertThat(mount.err()).containsAnyOf("ermission denied", "not permitted");
      Outcome read = run(inTree.command("sh", "-c", "read x < /disk"));
      assertThat(read.status().isSuccess()).isFalse();
      assertThat(read.err()).contains("ermission denied");
    }
  }

  @Test
  void nothingCanBeMounted() throws Exception {
    fails("mount -t ext4 /dev/vda /mnt", "ermi", "No such");
    fails("mount -t tmpfs none /tmp", "permission denied", "Operation not permitted");
    fails("mount -o bind / /tmp", "permission denied", "Operation not permitted");
    fails("mount -o remount,rw /", "permission denied", "Operation not permitted");
    fails("mount -o remount,rw /proc/sys", "permission denied", "Operation not permitted");
    fails("mount -t proc proc /tmp", "permission denied", "Operation not permitted");
    fails("umount /proc/sys", "Operation not permitted", "permission denied");
    fails("umount -l /proc", "Operation not permitted", "permission denied");
    fails("unshare -m true", "Operation not permitted");
  }

  @Test
  void settingsOfTheKernelCannotBeWritten() throws Exception {
    String pattern = Files.readString(Path.of("/proc/sys/kernel/core_pattern")).strip();
    // What is written is what is there already.
    fails(
        "echo \"" + pattern.replace("'", "") + "\" > /proc/sys/kernel/core_pattern",
        "Read-only file system");
    fails(": > /proc/sysrq-trigger", "Read-only file system", "nonexistent");
    fails("echo 1 > /proc/sys/vm/drop_caches", "Read-only file system", "Permission denied");
    fails(": > /proc/sys/kernel/modprobe", "Read-only file system", "nonexistent");
    fails(
        "ls /sys/kernel/* && : > /sys/kernel/uevent_helper",
        "Read-only file system",
        "No such file",
        "ermission denied",
        "nonexistent");
    fails(": > /proc/irq/default_smp_affinity", "Read-only file system", "Permission denied");
    fails(": > /proc/bus/none", "Read-only file system", "nonexistent", "Permission denied");
  }

  @Test
  void whatTellsTooMuchIsMasked() throws Exception {
    inEveryContainer(builder -> {
      String masked = "cat /proc/kcore /proc/keys /proc/timer_list 2>/dev/null | wc -c";
      assertThat(run(builder.command("sh", "-c", "busybox sh -c '" + masked + "'")).out())
          .isEqualTo("0");
      String empty = "ls /sys/firmware /proc/scsi /proc/acpi 2>/dev/null | grep -v : | grep .";
      assertThat(run(builder.command("sh", "-c", "busybox sh -c '" + empty + "'")).out()).isEmpty();
    });
  }

  @Test
  void noReleaseAgentCanBeSet() throws Exception {
    fails("mount -t cgroup -o memory none /tmp", "permission denied", "Operation not permitted");
    fails("mount -t cgroup2 none /tmp", "permission denied", "Operation not permitted");
    fails(
        "for f in /sys/fs/cgroup/*/release_agent /sys/fs/cgroup/release_agent; do"
            + " echo /none > $f && exit 0; done; exit 1",
        "Read-only file system",
        "nonexistent",
        "ermission denied");
    fails(
        "mkdir /sys/fs/cgroup/x || mkdir /sys/fs/cgroup/memory/x",
        "Read-only file system",
        "No such file",
        "ermission denied",
        "not permitted");
  }

  @Test
  void noModuleCanBeLoaded() throws Exception {
    // init_module needs the capability before it looks at anything.
    fails("insmod /bin/busybox", "Operation not permitted", "not support");
    fails("rmmod nonesuch", "Operation not permitted", "not implemented");
  }

  @Test
  void aChrootDoesNotLeadOut() throws Exception {
    // In /tmp itself, which is not the machine's own inside; the build's folder for temporary files
    // can be seen there.
    Path secret = Files.createTempFile(Path.of("/tmp"), "outside", "");
    try {
      // The classic way out: with the working directory outside the new root, walk up.
      String up = "../".repeat(30);
      fails(
          "mkdir /tmp/c || cd /; chroot /tmp /bin/true; cd /; cat "
              + up
              + secret.toString().substring(1),
          "No such file");
      fails("cat /proc/1/root" + secret, "No such file", "Permission denied");
    } finally {
      Files.delete(secret);
    }
  }

  @Test
  void processesOfTheHostCannotBeReached() throws Exception {
    long jvm = ProcessHandle.current().pid();
    fails("kill -0 " + jvm, "No such process");
    fails("ls /proc/" + jvm, "No such file");
    fails("cat /proc/1/environ | grep -q JAVA", "");
  }

  @Test
  void clockHostAndLogCannotBeChanged() throws Exception {
    fails("date -s @0; exit 1", "Operation not permitted");
    fails("dmesg -c", "Operation not permitted");
    fails("swapon /bin/busybox", "Operation not permitted");
    fails("reboot -f", "Operation not permitted");
  }

  @Test
  @RequiresRoot
  void onlyPrivilegedSwitchesItOff() {
    assertThat(run(sh("busybox mount -t tmpfs none /tmp && echo mounted").privileged()).out())
        .isEqualTo("mounted");
    assertThat(run(sh("busybox mknod /tmp/null c 1 3 && echo made").privileged()).out())
        .isEqualTo("made");
    assertThat(run(sh("[ -w /proc/sys/kernel/core_pattern ] && echo writable").privileged()).out())
        .isEqualTo("writable");
    assertThat(sh("true").privileged().build().plan().warnings())
        .anyMatch(warning -> warning.contains("root inside can take over the host"))
        .anyMatch(warning -> warning.contains("unmount what hides files"));
  }

  @Test
  void noOtherChoiceSwitchesItOff() {
    List<ContainerBuilder> choices =
        List.of(
            sh("").user(0, 0),
            sh("").init(true),
            sh("").hostname("x"),
            sh("").lenient(),
            sh("").rootless(),
            sh("").namespaces(MOUNT, PID));
    for (ContainerBuilder choice : choices) {
      assertThat(run(choice.command("sh", "-c", "grep NoNewPrivs /proc/self/status")).output())
          .isEqualTo("NoNewPrivs:\t1");
      assertThat(run(choice.command("sh", "-c", ": > /proc/sys/kernel/core_pattern")).err())
          .contains("Read-only file system");
    }
  }
}
