package dev.belljar.namespaces;

import static dev.belljar.namespaces.NamespaceType.MOUNT;
import static org.assertj.core.api.Assertions.assertThat;

import dev.belljar.linux.BytePath;
import dev.belljar.linux.call.MountCalls;
import dev.belljar.linux.testing.KernelTest;
import dev.belljar.linux.testing.OtherJvm;
import dev.belljar.linux.testing.RequiresRoot;
import dev.belljar.linux.testing.RequiresTool;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What is mounted in a new MOUNT namespace, on a machine whose mounts are shared, as systemd has
 * them: a JVM in a throw-away namespace that plays such a machine.
 */
@KernelTest
@RequiresRoot
@RequiresTool("unshare")
class MountPropagationTest {
  private static final String ON_SHARED_MOUNTS = "exec unshare -m --propagation shared \"$@\"";

  @TempDir private Path folder;

  /** The other JVM: makes a namespace in a way, and mounts something there. */
  static final class Machine {
    private Machine() {}

    public static void main(String[] arguments) {
      OtherJvm.serve(words -> {
        try {
          return List.of(inNew(words.getFirst(), words.get(1)), root(), "leaks: " + leaks());
        } catch (Exception e) {
          throw new IllegalStateException(e);
        }
      });
    }

    private static String inNew(String way, String folder) throws Exception {
      Callable<String> work =
          () -> {
            MountCalls.mount("leaks", BytePath.of(folder), "tmpfs", 0, "");
            return root() + " leaks: " + leaks();
          };
      switch (way) {
        case "thread" -> {
          return Namespaces.unshare(work, MOUNT);
        }
        case "clone" -> {
          try (NamespaceProcess process = NamespaceProcess.clone(MOUNT)) {
            return process.namespaces().get(MOUNT).call(work);
          }
        }
        default -> {
          try (NamespaceSet made = NewNamespaces.of(MOUNT).create()) {
            return made.get(MOUNT).call(work);
          }
        }
      }
    }

    private static String root() throws IOException {
      return mounts().stream()
          .filter(line -> line.split(" ", -1)[4].equals("/"))
          .reduce((_, last) -> last)
          .orElseThrow();
    }

    private static boolean leaks() throws IOException {
      return mounts().stream().anyMatch(line -> line.contains(" leaks "));
    }

    private static List<String> mounts() throws IOException {
      return Files.readAllLines(Path.of("/proc/thread-self/mountinfo"));
    }
  }

  @Test
  void whatIsMountedInANewNamespaceStaysThere() {
    try (OtherJvm machine = OtherJvm.start(ON_SHARED_MOUNTS, Machine.class)) {
      for (String way : List.of("thread", "clone", "unshare")) {
        List<String> lines = machine.ask(way + " " + folder);
        assertThat(lines.getFirst())
            .as(way)
            .contains(" master:", "leaks: true")
            .doesNotContain(" shared:");
        assertThat(lines.get(1)).as(way).contains(" shared:");
        assertThat(lines.getLast()).as(way).isEqualTo("leaks: false");
      }
    }
  }
}
