package dev.belljar.namespaces;

import static dev.belljar.namespaces.NamespaceType.IPC;
import static dev.belljar.namespaces.NamespaceType.MOUNT;
import static dev.belljar.namespaces.NamespaceType.NET;
import static dev.belljar.namespaces.NamespaceType.PID;
import static dev.belljar.namespaces.NamespaceType.TIME;
import static dev.belljar.namespaces.NamespaceType.USER;
import static dev.belljar.namespaces.NamespaceType.UTS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.belljar.linux.Descriptor;
import dev.belljar.linux.Errno;
import dev.belljar.linux.IdMap;
import dev.belljar.linux.LinuxException;
import dev.belljar.linux.call.ProcessCalls;
import dev.belljar.linux.syscall.Syscall;
import dev.belljar.linux.syscall.SyscallNumber;
import dev.belljar.linux.testing.KernelTest;
import dev.belljar.linux.testing.RequiresRoot;
import dev.belljar.linux.testing.RequiresUserNamespaces;
import dev.belljar.linux.testing.WarmUp;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@KernelTest
@RequiresUserNamespaces
class NamespaceTest {
  private static final long ME = ProcessHandle.current().pid();

  @WarmUp
  static void makeSome() {
    InsideTest.enterOnce();
  }

  @ParameterizedTest
  @EnumSource(NamespaceType.class)
  void theSameNamespaceIsEqualHoweverItIsOpened(NamespaceType type) throws IOException {
    try (Descriptor pidfd = ProcessCalls.open((int) ME);
        Namespace own = Namespace.current(type);
        Namespace byPid = Namespace.of(ME, type);
        Namespace byPidfd = Namespace.of(pidfd, type);
        Namespace byPath = Namespace.open(Path.of("/proc/self/ns", type.fileName()))) {
      assertThat(List.of(byPid, byPidfd, byPath)).allMatch(own::equals);
      assertThat(own.type()).isEqualTo(type);
      assertThat(own.toString())
          .isEqualTo(Files.readSymbolicLink(Path.of("/proc/self/ns", type.fileName())).toString());
      assertThat(own.processes()).contains(ME);
    }
  }

  @Test
  void aProcessThatHasEndedHasNone() throws Exception {
    Process process = new ProcessBuilder("cat").start();
    try (Descriptor pidfd = ProcessCalls.open((int) process.pid())) {
      process.destroyForcibly().waitFor();
      assertThatThrownBy(() -> Namespace.of(pidfd, NET))
          .isInstanceOfSatisfying(
              LinuxException.class, e -> assertThat(e.is(Errno.ESRCH)).isTrue());
    }
  }

  @Test
  void whatIsNoNamespaceIsRefused(@org.junit.jupiter.api.io.TempDir Path folder)
      throws IOException {
    Path file = Files.createFile(folder.resolve("file"));
    assertThatThrownBy(() -> Namespace.open(file))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("is not a namespace");
  }

  @Test
  void aNewNamespaceIsOwnedByTheUserNamespaceItWasMadeWith() {
    try (NamespaceSet made = NewNamespaces.of(USER, NET, UTS, IPC, MOUNT, TIME).create();
        Namespace own = Namespace.current(USER)) {
      for (NamespaceType type : List.of(NET, UTS, IPC, MOUNT, TIME)) {
        try (Namespace owner = made.get(type).owner().orElseThrow()) {
          assertThat(owner).isEqualTo(made.get(USER));
        }
        assertThat(made.get(type).ownerUid()).hasValue(Syscall.call(SyscallNumber.GETEUID));
        assertThat(made.get(type).processes()).isEmpty();
      }
      try (Namespace owner = made.get(USER).owner().orElseThrow();
          Namespace parent = made.get(USER).parent().orElseThrow()) {
        assertThat(owner).isEqualTo(own);
        assertThat(parent).isEqualTo(own);
      }
    }
  }

  @Test
  void theFirstHasNoParentInSightAndOtherKindsHaveNone() {
    try (Namespace user = Namespace.current(USER);
        Namespace pid = Namespace.current(PID);
        Namespace net = Namespace.current(NET)) {
      assertThat(user.parent()).isEmpty();
      assertThat(pid.parent()).isEmpty();
      assertThatThrownBy(net::parent)
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("only USER and PID");
    }
  }

  @Test
  void allNamespacesAreListedWithTheirProcesses() {
    List<NamespaceInfo> all = Namespaces.all();
    for (NamespaceType type : NamespaceType.values()) {
      try (Namespace own = Namespace.current(type)) {
        assertThat(all)
            .filteredOn(info -> info.type() == type && info.inode() == own.inode())
            .singleElement()
            .satisfies(info -> {
              assertThat(info.processes()).contains(ME);
              try (Namespace opened = info.open().orElseThrow()) {
                assertThat(opened).isEqualTo(own);
              }
            });
      }
    }
  }

  @Test
  void pidIsNotMadeWithoutAProcess() {
    assertThatThrownBy(() -> NewNamespaces.of(PID))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("process 1");
  }

  @Test
  void whatNeedsAnotherKindIsRefused() {
    assertThatThrownBy(() -> NewNamespaces.of(NET).idMap(IdMap.identity()))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("USER");
    try (Namespace uts = Namespace.current(UTS)) {
      assertThatThrownBy(() -> uts.rawSocket(2, 2, 0))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("NET");
    }
  }

  @Test
  @RequiresRoot
  void aLongIdMapIsWritten() {
    IdMap map = IdMap.none();
    for (int i = 0; i < 100; i++) {
      map = map.and(2L * i, 100_000 + 3L * i, 1);
    }
    NewNamespaces.of(USER).idMap(map).create().close();
  }
}
