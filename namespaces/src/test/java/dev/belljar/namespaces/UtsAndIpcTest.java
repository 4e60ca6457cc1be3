package dev.belljar.namespaces;

import static dev.belljar.namespaces.NamespaceType.IPC;
import static dev.belljar.namespaces.NamespaceType.USER;
import static dev.belljar.namespaces.NamespaceType.UTS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.belljar.linux.testing.KernelTest;
import dev.belljar.linux.testing.RequiresRoot;
import dev.belljar.linux.testing.RequiresTool;
import dev.belljar.linux.testing.RequiresUserNamespaces;
import dev.belljar.linux.testing.WarmUp;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

@KernelTest
@RequiresUserNamespaces
class UtsAndIpcTest {
  @WarmUp
  static void makeSome() {
    InsideTest.enterOnce();
  }

  @Test
  void namesAreSetAndReadInsideAndNotOutside() throws IOException {
    String outside = Files.readString(Path.of("/proc/sys/kernel/hostname")).strip();
    try (NamespaceSet made = NewNamespaces.of(USER, UTS).create()) {
      assertThat(HostNames.of(made.get(UTS)).hostname()).isEqualTo(outside);
      new HostNames("inside", "inside.example").set(made.get(UTS));
      assertThat(HostNames.of(made.get(UTS))).isEqualTo(new HostNames("inside", "inside.example"));
      assertThat(Files.readString(Path.of("/proc/sys/kernel/hostname")).strip()).isEqualTo(outside);
    }
  }

  @Test
  void aNameOfNoneOrTooManyBytesIsRefused() {
    try (NamespaceSet made = NewNamespaces.of(USER, UTS).create()) {
      HostNames names = new HostNames("x".repeat(65), "domain");
      assertThatThrownBy(() -> names.set(made.get(UTS)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("not 65");
      assertThatThrownBy(() -> HostNames.of(made.get(USER)))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void aNewIpcNamespaceIsEmpty() {
    try (NamespaceSet made = NewNamespaces.of(USER, IPC).create()) {
      IpcContents contents = IpcContents.of(made.get(IPC));
      assertThat(contents.queues()).isEmpty();
      assertThat(contents.semaphores()).isEmpty();
      assertThat(contents.segments()).isEmpty();
      assertThat(contents.posixQueues()).isEmpty();
    }
  }

  @Test
  @RequiresRoot
  @RequiresTool({"nsenter", "ipcmk", "sh"})
  void whatWasMadeInsideIsFound() throws Exception {
    try (NamespaceSet made = NewNamespaces.of(IPC).create()) {
      String script =
          "ipcmk -Q -p 0640 && ipcmk -S 3 && ipcmk -M 4096 && mount -t mqueue q /mnt"
              + " && touch /mnt/one /mnt/two";
      Process process =
          new ProcessBuilder(
                  "nsenter",
                  "--ipc=/proc/%d/fd/%d"
                      .formatted(
                          ProcessHandle.current().pid(), made.get(IPC).descriptor().number()),
                  "unshare",
                  "-m",
                  "sh",
                  "-c",
                  script)
              .redirectErrorStream(true)
              .start();
      String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(process.waitFor()).as(output).isZero();

      IpcContents contents = IpcContents.of(made.get(IPC));
      assertThat(contents.queues())
          .singleElement()
          .satisfies(queue -> {
            assertThat(queue.permissions()).isEqualTo(0640);
            assertThat(queue.messages()).isZero();
          });
      assertThat(contents.semaphores())
          .singleElement()
          .satisfies(set -> assertThat(set.count()).isEqualTo(3));
      assertThat(contents.segments())
          .singleElement()
          .satisfies(segment -> assertThat(segment.bytes()).isEqualTo(4096));
      assertThat(contents.posixQueues()).containsExactly("one", "two");
    }
  }
}
