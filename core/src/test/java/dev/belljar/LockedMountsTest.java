package dev.belljar;

import static dev.belljar.namespaces.NamespaceType.IPC;
import static dev.belljar.namespaces.NamespaceType.MOUNT;
import static dev.belljar.namespaces.NamespaceType.NET;
import static dev.belljar.namespaces.NamespaceType.PID;
import static dev.belljar.namespaces.NamespaceType.TIME;
import static dev.belljar.namespaces.NamespaceType.USER;
import static dev.belljar.namespaces.NamespaceType.UTS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.belljar.linux.IdMap;
import dev.belljar.linux.testing.MakesMounts;
import dev.belljar.linux.testing.RequiresRoot;
import dev.belljar.linux.testing.RequiresTool;
import dev.belljar.linux.testing.RequiresUserNamespaces;
import dev.belljar.namespaces.Namespace;
import dev.belljar.rootfs.Mount;
import dev.belljar.rootfs.Rootfs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is mounted for a container holds against its root with every capability in his USER. */
@MakesMounts
@RequiresUserNamespaces
@RequiresTool("busybox")
class LockedMountsTest extends ContainerTest {
  private static final String SECRET = "secret";

  /** Every way to see what is hidden, then to write what is read-only. */
  private static final String TRY_ALL =
      """
      busybox umount -l /etc/hidden; cat /etc/hidden
      mkdir -p /tmp/a /tmp/b
      busybox mount -o bind /etc /tmp/a && cat /tmp/a/hidden
      busybox mount -o rbind /etc /tmp/b && busybox umount -l /tmp/b/hidden && cat /tmp/b/hidden
      busybox mount -o move /etc/hidden /tmp/a && cat /etc/hidden
      busybox mount -o remount,bind,rw /; echo harm > /etc/file
      busybox mount -o remount,bind,rw /data; echo harm > /data/file
      busybox umount -l /data; echo harm > /data/file
      busybox umount -l /tmp; echo harm > /tmp/file
      busybox umount -l /; cat /etc/hidden
      echo tried all
      """;

  @TempDir private Path dir;

  @BeforeEach
  void makeFiles() throws IOException {
    BusyboxTree.make(Files.createDirectory(dir.resolve("tree")));
    for (String name : new String[] {"proc", "sys", "dev", "tmp", "etc", "data"}) {
      Files.createDirectory(dir.resolve("tree").resolve(name));
    }
    Files.writeString(dir.resolve("tree/etc/hidden"), SECRET);
    Files.writeString(dir.resolve("tree/etc/file"), "");
    Files.writeString(Files.createDirectory(dir.resolve("data")).resolve("file"), "");
  }

  private ContainerBuilder container(String script) {
    return withoutCommand().command("sh", "-c", script);
  }

  private ContainerBuilder withoutCommand() {
    return Container.builder()
        .rootfs(Rootfs.directory(dir.resolve("tree")).readOnly().hide("/etc/hidden"))
        .mount(Mount.bind(dir.resolve("data").toString(), "/data").readOnly())
        .mount(Mount.tmpfs("/tmp"))
        .timeout(DEADLINE)
        .privileged();
  }

  private ContainerBuilder locked(String script) {
    return container(script).rootless();
  }

  private String files() throws IOException {
    return Files.readString(dir.resolve("tree/etc/file"))
        + Files.readString(dir.resolve("data/file"));
  }

  @Test
  void nothingCanBeTakenApart() throws IOException {
    Outcome outcome = run(locked(TRY_ALL));
    assertThat(outcome.out()).endsWith("tried all").doesNotContain(SECRET);
    assertThat(files()).isEmpty();
  }

  @RequiresRoot
  @Test
  void withoutUserTheSameSucceedsAndThePlanSaysSo() throws IOException {
    Outcome outcome = run(container(TRY_ALL));
    assertThat(outcome.out()).contains(SECRET);
    assertThat(files()).isNotEmpty();
    assertThat(container("true").build().plan().warnings())
        .anyMatch(warning -> warning.contains("unmount what hides files"));
    assertThat(locked("true").build().plan().warnings())
        .noneMatch(warning -> warning.contains("unmount what hides files"));
  }

  /**
   * Who is {@code privileged()} has no masks. Others can get all capabilities in a USER of their
   * own only, where nothing that was mounted before can be taken apart.
   */
  @Test
  void masksHoldAgainstAllCapabilitiesInAnotherUser() {
    String inner =
        "grep -c 'CapEff:.*ffff' /proc/self/status; for f in /proc/interrupts /proc/timer_list"
            + " /proc/sys /sys/firmware /proc /sys; do busybox umount -l $f 2>/dev/null && echo"
            + " unmounted $f; done; busybox mount -o remount,bind,rw /proc/sys 2>/dev/null && echo"
            + " writable; cat /proc/interrupts | wc -c; ls /sys/firmware";
    String script = "busybox unshare -U -r -m sh -c \"$0\" || unshare -U -r -m sh -c \"$0\"";
    assertThat(
            run(Container.builder().command("sh", "-c", script, inner).timeout(DEADLINE))
                .out()
                .lines())
        .containsExactly("1", "0");
  }

  @Test
  void norByWhoIsExecutedInIt() throws IOException {
    try (Container container = locked("cat").start()) {
      assertThat(exec(container, TRY_ALL).out()).endsWith("tried all").doesNotContain(SECRET);
    }
    assertThat(files()).isEmpty();
  }

  @Test
  void theCapabilitiesHoldInAllOtherNamespaces() {
    String script =
        """
        hostname other && hostname
        busybox mount -t tmpfs none /tmp && busybox mount -t proc none /tmp && ls -d /tmp/self
        busybox ip link show lo | grep -c ,UP
        busybox ip link set lo down && busybox ip link show lo | grep -c ,UP
        echo 78 > /proc/sys/net/ipv4/ip_default_ttl && cat /proc/sys/net/ipv4/ip_default_ttl
        grep CapEff /proc/self/status
        """;
    Outcome outcome = run(locked(script));
    String out = outcome.output();
    assertThat(outcome.err()).isEmpty();
    assertThat(out.lines().toList()).startsWith("other", "/tmp/self", "1", "0", "78");
    long bits = Long.parseUnsignedLong(out.replaceAll("(?s).*CapEff:\\s*", ""), 16);
    assertThat(Long.bitCount(bits)).isGreaterThanOrEqualTo(40);
  }

  @Test
  void itIsAContainerLikeAnyOther() {
    String script = "echo $$; id -u; cat /proc/self/uid_map; ls /sys/class/net; ls /proc/1/exe";
    String plain = run(container(script).rootless().init(false)).output();
    assertThat(plain.lines()).startsWith("1", "0").endsWith("lo", "/proc/1/exe");
    Outcome behindInit = run(locked("echo $$; exit 7").init(true));
    assertThat(behindInit.out()).isNotEqualTo("1");
    assertThat(behindInit.status().code()).isEqualTo(7);
  }

  @Test
  void withClocksToo() {
    ContainerBuilder builder =
        locked("cat /proc/self/timens_offsets").clocks(Duration.ZERO, Duration.ofSeconds(1000));
    assertThat(run(builder).output()).containsPattern("boottime +1000");
  }

  @Test
  void anExecEntersTheClocksAndUserOfTheCommand() {
    ContainerBuilder builder =
        withoutCommand().rootless().clocks(Duration.ZERO, Duration.ofDays(1));
    try (Container container = builder.start();
        Namespace user = container.namespace(USER);
        Namespace outer = user.parent().orElseThrow();
        Namespace own = Namespace.current(USER)) {
      ContainerProcess process =
          container.exec(
              "sh",
              "-c",
              "tr -s ' ' < /proc/self/timens_offsets; readlink /proc/self/ns/user; id -u");
      assertThat(process.inputReader().lines())
          .contains("boottime 86400 0", "user:[" + user.inode() + "]", "0");
      assertThat(outer).as("there are two").isNotEqualTo(own);
    }
  }

  @Test
  void withFewerNamespaces() throws IOException {
    Outcome outcome = run(container(TRY_ALL).namespaces(USER, MOUNT));
    assertThat(outcome.out()).endsWith("tried all").doesNotContain(SECRET);
    assertThat(files()).isEmpty();
    assertThat(
            run(container("hostname other && hostname").namespaces(USER, MOUNT, UTS, PID, TIME))
                .output())
        .isEqualTo("other");
  }

  @Test
  void withPlainChroot() throws IOException {
    Outcome outcome = run(locked(TRY_ALL).plainChroot());
    assertThat(outcome.out()).endsWith("tried all").doesNotContain(SECRET);
    assertThat(files()).isEmpty();
  }

  @RequiresRoot
  @Test
  void withOtherIds() {
    Outcome outcome =
        run(
            sh("umount -l /etc/passwd; cat /etc/passwd; id -u; cat /proc/self/uid_map")
                .rootfs(Rootfs.host().hide("/etc/passwd"))
                .idMap(IdMap.of(0, 200_000, 1000))
                .privileged());
    assertThat(outcome.out().replaceAll(" +", " ")).isEqualTo("0\n 0 0 1000");
  }

  @Test
  void aMountThatFailsIsToldAndLeavesNothing() {
    ContainerBuilder builder = locked("true").mount(Mount.tmpfs("/nowhere"));
    assertThat(catchThrowable(builder::start))
        .isInstanceOf(ContainerException.class)
        .hasMessageContaining("mount /nowhere");
    assertThat(run(locked("echo still works").namespaces(USER, MOUNT, NET, IPC)).output())
        .isEqualTo("still works");
  }
}
