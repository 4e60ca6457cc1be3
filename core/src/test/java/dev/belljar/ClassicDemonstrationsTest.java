package dev.belljar;

import static dev.belljar.namespaces.NamespaceType.IPC;
import static dev.belljar.namespaces.NamespaceType.MOUNT;
import static dev.belljar.namespaces.NamespaceType.NET;
import static dev.belljar.namespaces.NamespaceType.PID;
import static dev.belljar.namespaces.NamespaceType.TIME;
import static dev.belljar.namespaces.NamespaceType.USER;
import static dev.belljar.namespaces.NamespaceType.UTS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.belljar.linux.Signal;
import dev.belljar.linux.testing.RequiresTool;
import dev.belljar.linux.testing.RequiresUserNamespaces;
import dev.belljar.namespaces.HostNames;
import dev.belljar.namespaces.Namespace;
import dev.belljar.namespaces.NamespaceType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What each kind of namespace isolates, seen inside and outside at the same moment. */
@RequiresUserNamespaces
class ClassicDemonstrationsTest extends ContainerTest {
  private static String outside(String file) throws IOException {
    return Files.readString(Path.of(file)).strip();
  }

  private static String inside(Container container, String script) {
    return exec(container, script).output();
  }

  @Test
  void allSixKindsAreMadeByOneClone() {
    ContainerBuilder builder = resident().namespaces(PID, MOUNT, UTS, IPC, NET, USER);

    assertThat(builder.build().plan().steps())
        .filteredOn(step -> step.toString().contains("clone3("))
        .singleElement()
        .asString()
        .contains("NEWNS", "NEWUTS", "NEWIPC", "NEWUSER", "NEWPID", "NEWNET");
    try (Container container = builder.start()) {
      for (NamespaceType type : List.of(PID, MOUNT, UTS, IPC, NET, USER)) {
        try (Namespace own = Namespace.current(type);
            Namespace its = container.namespace(type)) {
          assertThat(its.type()).isEqualTo(type);
          assertThat(its).isNotEqualTo(own);
        }
      }
    }
  }

  @Test
  @RequiresTool("hostname")
  void hostAndDomainNameAreChangedInsideAndNotOutside() throws IOException {
    String host = outside("/proc/sys/kernel/hostname");
    String domain = outside("/proc/sys/kernel/domainname");
    String names = "cat /proc/sys/kernel/hostname /proc/sys/kernel/domainname";
    try (Container container =
        resident().hostname("inside").domainname("inside.example").privileged().start()) {
      assertThat(inside(container, names).lines()).containsExactly("inside", "inside.example");
      assertThat(inside(container, "hostname changed")).isEmpty();
      assertThat(inside(container, names).lines()).containsExactly("changed", "inside.example");
      try (Namespace uts = container.namespace(UTS)) {
        new HostNames("changed", "other").set(uts);
      }
      assertThat(inside(container, names).lines()).containsExactly("changed", "other");
      assertThat(outside("/proc/sys/kernel/hostname")).isEqualTo(host);
      assertThat(outside("/proc/sys/kernel/domainname")).isEqualTo(domain);
    }
  }

  @Test
  @RequiresTool({"ipcmk", "ipcrm"})
  void aSystemVQueueIsInvisibleOutsideAndItsIdentifierIsAnotherQueueElsewhere() throws IOException {
    String outside = outside("/proc/sysvipc/msg");
    try (Container one = resident().start();
        Container other = resident().start()) {
      String made = inside(one, "ipcmk -Q >/dev/null && tail -n 1 /proc/sysvipc/msg");
      assertThat(outside("/proc/sysvipc/msg")).isEqualTo(outside);
      assertThat(inside(other, "cat /proc/sysvipc/msg").lines()).hasSize(1); // the heading
      String second = inside(other, "ipcmk -Q >/dev/null && tail -n 1 /proc/sysvipc/msg");
      assertThat(column(second, 1)).isEqualTo(column(made, 1)); // msqid
      assertThat(column(second, 0)).isNotEqualTo(column(made, 0)); // key
      inside(one, "ipcrm -q " + column(made, 1));
      assertThat(inside(other, "cat /proc/sysvipc/msg").lines()).hasSize(2);
    }
  }

  private static String column(String line, int number) {
    return line.strip().split(" +")[number];
  }

  @Test
  void aPosixQueueIsInvisibleOutsideAndItsNameIsAnotherQueueElsewhere() throws IOException {
    try (Container one = resident().start();
        Container other = resident().start()) {
      inside(one, "touch /dev/mqueue/belljar-demonstration");
      assertThat(inside(one, "ls /dev/mqueue")).isEqualTo("belljar-demonstration");
      assertThat(inside(other, "ls /dev/mqueue")).isEmpty();
      assertThat(Path.of("/dev/mqueue/belljar-demonstration")).doesNotExist();
      inside(other, "touch /dev/mqueue/belljar-demonstration");
      inside(one, "rm /dev/mqueue/belljar-demonstration");
      assertThat(inside(one, "ls /dev/mqueue")).isEmpty();
      assertThat(inside(other, "ls /dev/mqueue")).isEqualTo("belljar-demonstration");
    }
  }

  @Test
  void aProcessIsOneInsideAndHasAnotherNumberOutside() throws IOException {
    try (Container one = resident().start();
        Container other = resident().start()) {
      for (Container container : List.of(one, other)) { // the same number in two namespaces
        assertThat(outside("/proc/" + container.pid() + "/status").lines())
            .contains("NSpid:\t" + container.pid() + "\t1");
      }
      assertThat(one.pid()).isNotEqualTo(other.pid());
    }
  }

  @Test
  void processesOfTheHostAreSeenWithoutAFreshProcAndOnlyOwnOnesWithOne() {
    String list = "cd /proc; echo [0-9]*";
    long jvm = ProcessHandle.current().pid();
    assertThat(run(sh(list)).output()).isEqualTo("1");
    ContainerBuilder withoutMount = sh(list).namespaces(PID);
    assertThat(run(withoutMount).output().split(" ")).contains(Long.toString(jvm));
    assertThat(withoutMount.build().plan().warnings())
        .anyMatch(warning ->
            warning.contains("PID without MOUNT")
                && warning.contains("hides the host's processes from the host"));
  }

  @Test
  @RequiresTool({"unshare", "mount"})
  void aFreshProcMountedWithoutMountHidesTheHostsProcessesFromTheHost() {
    // a container's own mounts play the host: they are gone with it
    try (Container host = resident().privileged().start()) {
      String script =
          "unshare --pid --fork sh -c 'mount -t proc proc /proc && cd /proc && echo [0-9]*';"
              + " test -e /proc/self || echo hidden";
      assertThat(inside(host, script).lines()).containsExactly("1", "hidden");
    }
  }

  @Test
  void aProcessOfTheHostCannotBeKilledSinceItHasNoNumberInside() {
    long jvm = ProcessHandle.current().pid();
    Outcome kill = run(sh("kill -9 " + jvm));
    assertThat(kill.status().isSuccess()).isFalse();
    assertThat(kill.err()).contains("No such process");
  }

  @Test
  void killingOneFromInsideIsIgnoredAndFromOutsideEndsAll() throws Exception {
    try (Container container = resident().start()) {
      inside(container, "kill -9 1");
      assertThat(container.state()).isEqualTo(ContainerState.RUNNING);
      ContainerProcess cat = container.exec("cat");
      assertThat(container.signal(Signal.SIGKILL)).isTrue();
      assertThat(cat.awaitStatus().signal()).hasValue(Signal.SIGKILL);
      container.waitFor();
    }
  }

  @Test
  void orphansAreAdoptedAndReapedByOne() {
    try (Container container = resident().start()) {
      String orphan = inside(container, "sleep 1000 >/dev/null 2>&1 & echo $!");
      assertThat(inside(container, "grep PPid /proc/" + orphan + "/status")).endsWith("\t1");
      inside(container, "kill -9 " + orphan);
      Await.until(
          "the orphan was reaped",
          () -> exec(container, "test -e /proc/" + orphan).status().code() == 1);
    }
  }

  @Test
  @RequiresTool("mount")
  void mountsInsideDoNotReachTheHost() throws IOException {
    String before = outside("/proc/self/mountinfo");
    try (Container container = resident().privileged().start()) {
      assertThat(inside(container, "mount -t tmpfs demonstration /mnt && cat /proc/self/mountinfo"))
          .contains("demonstration");
      assertThat(outside("/proc/self/mountinfo")).isEqualTo(before);
    }
  }

  @Test
  void clocksAreSetForward() throws IOException {
    double uptime = Double.parseDouble(outside("/proc/uptime").split(" ")[0]);
    ContainerBuilder builder =
        sh("cat /proc/uptime; cat /proc/self/timens_offsets")
            .clocks(Duration.ofDays(10), Duration.ofDays(100));
    List<String> lines = run(builder).output().lines().toList();
    assertThat(Double.parseDouble(lines.getFirst().split(" ")[0]))
        .isGreaterThanOrEqualTo(uptime + Duration.ofDays(100).toSeconds());
    assertThat(lines.get(1).split(" +")).contains("monotonic", "864000");
    try (Container container = resident().clocks(Duration.ZERO, Duration.ofDays(1)).start();
        Namespace time = container.namespace(TIME);
        Namespace own = Namespace.current(TIME)) {
      assertThat(time).isNotEqualTo(own);
    }
  }

  @Test
  void aClockBelowZeroIsRefused() {
    assertThatThrownBy(() -> sh("true").clocks(Duration.ofDays(-100_000), Duration.ZERO).start())
        .isInstanceOf(ContainerException.class)
        .hasMessageContaining("no clock may be below 0");
  }
}
