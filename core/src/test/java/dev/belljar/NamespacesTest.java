package dev.belljar;

import static dev.belljar.namespaces.NamespaceType.CGROUP;
import static dev.belljar.namespaces.NamespaceType.IPC;
import static dev.belljar.namespaces.NamespaceType.MOUNT;
import static dev.belljar.namespaces.NamespaceType.NET;
import static dev.belljar.namespaces.NamespaceType.PID;
import static dev.belljar.namespaces.NamespaceType.TIME;
import static dev.belljar.namespaces.NamespaceType.USER;
import static dev.belljar.namespaces.NamespaceType.UTS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.belljar.linux.testing.MakesMounts;
import dev.belljar.linux.testing.RequiresRoot;
import dev.belljar.linux.testing.RequiresTool;
import dev.belljar.namespaces.Namespace;
import dev.belljar.namespaces.NamespaceType;
import dev.belljar.program.Privileges;
import dev.belljar.rootfs.Rootfs;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@MakesMounts
class NamespacesTest extends ContainerTest {
  private static final Map<NamespaceType, String> LINKS =
      Map.of(
          CGROUP, "cgroup", IPC, "ipc", MOUNT, "mnt", NET, "net", PID, "pid", TIME, "time", USER,
          "user", UTS, "uts");

  @ParameterizedTest
  @EnumSource(NamespaceType.class)
  void aKindAloneIsTheOnlyOneThatIsNew(NamespaceType type) {
    try (Container container = sh("cat").namespaces(type).start()) {
      assertThat(differing(container.pid())).isEqualTo(withUserWhereNeeded(EnumSet.of(type)));
    }
  }

  @Test
  void allKindsAtOnceAreNew() {
    try (Container container = sh("cat").namespaces(NamespaceType.values()).start()) {
      assertThat(differing(container.pid())).isEqualTo(EnumSet.allOf(NamespaceType.class));
    }
  }

  @Test
  void noKindAtAllIsPossible() {
    try (Container container = sh("cat").namespaces().start()) {
      assertThat(differing(container.pid())).isEmpty();
    }
  }

  @Test
  void byDefaultAllButTimeAndUserAreNew() {
    try (Container container = sh("cat").start()) {
      assertThat(differing(container.pid()))
          .isEqualTo(withUserWhereNeeded(EnumSet.complementOf(EnumSet.of(TIME, USER))));
    }
  }

  @ParameterizedTest
  @EnumSource(NamespaceType.class)
  void execEntersExactlyTheKindsThatAreTheContainersOwn(NamespaceType type) {
    try (Container container = resident().namespaces(type).start()) {
      try (Killed cat = new Killed(container.exec("cat"))) {
        assertThat(namespaces(cat.process().pid())).isEqualTo(namespaces(container.pid()));
      }
    }
  }

  @Test
  void execEntersAllKinds() {
    try (Container container = resident().namespaces(NamespaceType.values()).start()) {
      try (Killed cat = new Killed(container.exec("cat"))) {
        assertThat(namespaces(cat.process().pid())).isEqualTo(namespaces(container.pid()));
      }
    }
  }

  @Test
  @RequiresTool("cat")
  void withoutMountTheContainerHasTheMountsOfTheJvm() throws IOException {
    ContainerBuilder builder = sh("cat /proc/self/mountinfo").namespaces(UTS);

    assertThat(builder.build().plan().warnings())
        .anyMatch(warning -> warning.contains("without MOUNT"));
    assertThat(run(builder).output())
        .isEqualTo(Files.readString(Path.of("/proc/self/mountinfo")).strip());
  }

  @Test
  void withoutMountARootIsAMistake() {
    ContainerBuilder builder = sh("true").namespaces(PID).rootfs(Rootfs.host());

    assertThatThrownBy(builder::start)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("MOUNT");
  }

  @Test
  void loIsUpInANewNet() {
    String script = "cat /proc/net/if_inet6 /proc/net/fib_trie 2>/dev/null | grep -c 127.0.0.1";
    assertThat(run(sh(script)).output()).isNotEqualTo("0");
  }

  @Test
  @RequiresRoot
  void aJoinedNamespaceIsEnteredInsteadOfANewOne() {
    try (Container first = resident().start();
        Namespace net = first.namespace(NET);
        Namespace uts = first.namespace(UTS);
        Container second = sh("cat").join(net, uts).start()) {
      assertThat(namespaces(second.pid()))
          .containsEntry(NET, namespaces(first.pid()).get(NET))
          .containsEntry(UTS, namespaces(first.pid()).get(UTS));
      assertThat(differing(second.pid())).isEqualTo(EnumSet.complementOf(EnumSet.of(TIME, USER)));
      assertThat(namespaces(second.pid()).get(PID)).isNotEqualTo(namespaces(first.pid()).get(PID));
    }
  }

  @ParameterizedTest
  @EnumSource(NamespaceType.class)
  @RequiresRoot
  void everyKindCanBeJoined(NamespaceType type) {
    try (Container first = resident().namespaces(NamespaceType.values()).start();
        Namespace joined = first.namespace(type);
        Container second = sh("cat").namespaces().join(joined).start()) {
      assertThat(namespaces(second.pid())).containsEntry(type, namespaces(first.pid()).get(type));
      assertThat(differing(second.pid())).isEqualTo(EnumSet.of(type));
      try (Killed cat = new Killed(second.exec("cat"))) {
        assertThat(namespaces(cat.process().pid())).isEqualTo(namespaces(second.pid()));
      }
    }
  }

  @Test
  @RequiresRoot
  void aJoinedHostnameIsShared() {
    try (Container first = resident().hostname("shared").start();
        Namespace uts = first.namespace(UTS)) {
      assertThat(run(sh("hostname").join(uts)).output()).isEqualTo("shared");
    }
  }

  @Test
  void theHostnameIsTheOneGivenOrBelljar() {
    assertThat(run(sh("hostname").hostname("box")).output()).isEqualTo("box");
    assertThat(run(sh("hostname")).output()).isEqualTo("belljar");
    assertThat(run(sh("hostname").hostname("x".repeat(64))).output()).isEqualTo("x".repeat(64));
  }

  private static Set<NamespaceType> withUserWhereNeeded(Set<NamespaceType> types) {
    Set<NamespaceType> all = EnumSet.copyOf(types);
    if (!Privileges.current().mayAdministrate()) {
      all.add(USER);
    }
    return all;
  }

  private static Set<NamespaceType> differing(long pid) {
    Map<NamespaceType, String> own = namespaces(ProcessHandle.current().pid());
    Set<NamespaceType> differing = EnumSet.noneOf(NamespaceType.class);
    namespaces(pid)
        .forEach((type, inode) -> {
          if (!inode.equals(own.get(type))) {
            differing.add(type);
          }
        });
    return differing;
  }

  private static Map<NamespaceType, String> namespaces(long pid) {
    Map<NamespaceType, String> inodes = new EnumMap<>(NamespaceType.class);
    LINKS.forEach((type, link) -> {
      try {
        Path file = Path.of("/proc", Long.toString(pid), "ns", link);
        inodes.put(type, Files.readSymbolicLink(file).toString());
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    });
    return inodes;
  }
}
