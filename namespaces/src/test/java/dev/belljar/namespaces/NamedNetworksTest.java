package dev.belljar.namespaces;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belljar.linux.testing.KernelTest;
import dev.belljar.linux.testing.OtherJvm;
import dev.belljar.linux.testing.RequiresRoot;
import dev.belljar.linux.testing.RequiresTool;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Within a mount namespace of its own, with a /run of its own. */
@KernelTest
@RequiresRoot
@RequiresTool({"ip", "unshare"})
class NamedNetworksTest {
  private static final String OWN_RUN =
      "exec unshare -m sh -c 'mount -t tmpfs run /run && exec \"$@\"' sh \"$@\"";

  /** The JVM in that mount namespace. */
  static final class Main {
    public static void main(String[] arguments) {
      OtherJvm.serve(Main::answer);
    }

    private static List<String> answer(List<String> question) {
      String[] words = question.toArray(String[]::new);
      switch (words[0]) {
        case "add" -> NamedNetworks.add(words[1]);
        case "delete" -> NamedNetworks.delete(words[1]);
        case "inode" -> {
          try (Namespace found = NamedNetworks.open(words[1])) {
            return List.of(Long.toString(found.inode()));
          }
        }
        case "list" -> {
          return NamedNetworks.list();
        }
        default -> {
          return run(words);
        }
      }
      return List.of();
    }

    private static List<String> run(String... command) {
      try {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        List<String> lines = process.inputReader().lines().toList();
        assertThat(process.onExit().join().exitValue()).as("%s", lines).isZero();
        return lines;
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  @Test
  void whatIpNamesAndWhatWeNameIsTheSame() {
    try (OtherJvm jvm = OtherJvm.start(OWN_RUN, Main.class)) {
      ipSeesEntersAndDeletesOurs(jvm);
      weSeeOpenAndDeleteThoseOfIp(jvm);
      theDirectoryIsSetUpAsIpDoesIt(jvm);
    }
  }

  private static void ipSeesEntersAndDeletesOurs(OtherJvm jvm) {
    jvm.ask("add ours");
    assertThat(jvm.ask("ip netns list")).containsExactly("ours");
    assertThat(jvm.ask("ip netns exec ours readlink /proc/self/ns/net"))
        .containsExactly("net:[" + jvm.ask("inode ours").getFirst() + "]");
    jvm.ask("ip netns delete ours");
    assertThat(jvm.ask("list")).isEmpty();
  }

  private static void weSeeOpenAndDeleteThoseOfIp(OtherJvm jvm) {
    jvm.ask("ip netns add theirs");
    assertThat(jvm.ask("list")).containsExactly("theirs");
    assertThat(jvm.ask("ip netns exec theirs readlink /proc/self/ns/net"))
        .containsExactly("net:[" + jvm.ask("inode theirs").getFirst() + "]");
    jvm.ask("delete theirs");
    assertThat(jvm.ask("ip netns list")).isEmpty();
    assertThat(jvm.ask("cat /proc/self/mountinfo")).noneMatch(mount -> mount.contains("theirs"));
  }

  private static void theDirectoryIsSetUpAsIpDoesIt(OtherJvm jvm) {
    jvm.ask("add first");
    List<String> ours = mounts(jvm);
    jvm.ask("delete first");
    jvm.ask("umount /run/netns");
    jvm.ask("ip netns add second");
    assertThat(mounts(jvm)).hasSameSizeAs(ours).allMatch(mount -> mount.contains("shared:"));
    assertThat(ours).allMatch(mount -> mount.contains("shared:"));
    jvm.ask("ip netns delete second");
  }

  private static List<String> mounts(OtherJvm jvm) {
    return jvm.ask("cat /proc/self/mountinfo").stream()
        .filter(mount -> mount.contains(" /run/netns"))
        .toList();
  }
}
