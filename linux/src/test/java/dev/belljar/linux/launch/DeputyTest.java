package dev.belljar.linux.launch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.belljar.linux.Errno;
import dev.belljar.linux.IdMap;
import dev.belljar.linux.LinuxException;
import dev.belljar.linux.call.DirectoryCalls;
import dev.belljar.linux.call.FileCalls;
import dev.belljar.linux.syscall.Syscall;
import dev.belljar.linux.syscall.SyscallNumber;
import dev.belljar.linux.testing.KernelTest;
import dev.belljar.linux.testing.RequiresRoot;
import dev.belljar.linux.testing.RequiresUserNamespaces;
import dev.belljar.linux.testing.WarmUp;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a process in a USER namespace does to files for this JVM. */
@KernelTest
@RequiresRoot
@RequiresUserNamespaces
class DeputyTest {
  private static final IdMap MAP = IdMap.single(0, 0).and(1, 300_000, 1_000);

  @TempDir Path folder;

  @WarmUp
  static void warmUp() {
    TestLaunch.warmUp();
  }

  private String in(String name) {
    return folder.resolve(name).toString();
  }

  @Test
  void itsCallsHaveTheRightsOfTheNamespacesRoot() throws Exception {
    Path own = Files.createDirectory(folder.resolve("own"));
    Files.setAttribute(own, "unix:uid", 300_004);
    Files.setAttribute(own, "unix:gid", 300_004);
    Path foreign = Files.createDirectory(folder.resolve("foreign"));
    Files.setAttribute(foreign, "unix:uid", 5);
    Files.setAttribute(foreign, "unix:gid", 5);
    try (Deputy deputy = Deputy.start(MAP)) {
      deputy.run(() -> {
        DirectoryCalls.make(Syscall.AT_FDCWD, in("own/made"), 0700);
        FileCalls.changeOwner(Syscall.AT_FDCWD, in("own/made"), 7, 8);
        return true;
      });
      assertThat(own.resolve("made")).isDirectory();
      assertThat(Files.getAttribute(own.resolve("made"), "unix:uid")).isEqualTo(300_006);
      assertThat(Files.getAttribute(own.resolve("made"), "unix:gid")).isEqualTo(300_007);
      assertThatThrownBy(() ->
              deputy.run(() -> {
                DirectoryCalls.make(Syscall.AT_FDCWD, in("foreign/made"), 0700);
                return true;
              }))
          .isInstanceOfSatisfying(
              LinuxException.class, e -> assertThat(e.is(Errno.EACCES)).isTrue());
      assertThatThrownBy(() -> deputy.run(() -> FileCalls.open(in("none"), 0)))
          .hasMessageContaining("ENOENT");
    }
  }

  @Test
  void onlyWhatTheThreadDoesMeanwhileIsDoneThere() {
    try (Deputy deputy = Deputy.start(MAP)) {
      long here = Syscall.call(SyscallNumber.GETPID);
      long none = deputy.run(() -> Syscall.call(SyscallNumber.GETPID));
      assertThat(none).isEqualTo(-Errno.ENOSYS.number()); // it works on files, and nothing else
      assertThat(Syscall.call(SyscallNumber.GETPID)).isEqualTo(here);
      long[] other = new long[1];
      deputy.run(() -> {
        Thread thread =
            Thread.ofPlatform().start(() -> other[0] = Syscall.call(SyscallNumber.GETPID));
        try {
          thread.join();
        } catch (InterruptedException e) {
          throw new IllegalStateException(e);
        }
        return true;
      });
      assertThat(other[0]).isEqualTo(here);
    }
  }

  @Test
  void longListsAndContentsComeThroughWhole() throws Exception {
    Path many = Files.createDirectory(folder.resolve("many"));
    for (int i = 0; i < 3_000; i++) {
      Files.createFile(many.resolve("a-file-with-a-longer-name-" + i));
    }
    byte[] contents = new byte[300_000];
    IntStream.range(0, contents.length).forEach(i -> contents[i] = (byte) (i * 31));
    Files.write(folder.resolve("big"), contents);
    try (Deputy deputy = Deputy.start(MAP)) {
      int count =
          deputy.run(() -> {
            try (var directory = DirectoryCalls.open(Syscall.AT_FDCWD, many.toString())) {
              return DirectoryCalls.list(directory.number()).size();
            }
          });
      assertThat(count).isEqualTo(3_000);
      assertThat(deputy.run(() -> FileCalls.readFile(Syscall.AT_FDCWD, in("big"))))
          .isEqualTo(contents);
    }
  }
}
