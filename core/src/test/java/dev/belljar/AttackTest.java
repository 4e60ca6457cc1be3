package dev.belljar;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belljar.AttackHost.Launcher;
import dev.belljar.linux.testing.KernelTest;
import dev.belljar.linux.testing.OtherJvm;
import dev.belljar.linux.testing.RequiresRoot;
import dev.belljar.linux.testing.RequiresTool;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Ways out of containers that worked elsewhere, each tried against a naive launcher, which must
 * lose or the attack proves nothing, and against Belljar, which must not.
 */
@KernelTest
@RequiresRoot
@RequiresTool({"busybox", "unshare"})
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class AttackTest {
  @TempDir private Path folder;

  @TestFactory
  Stream<DynamicTest> amongPrivateMounts() {
    return attacks("private");
  }

  @TestFactory
  Stream<DynamicTest> amongSharedMounts() {
    return attacks("shared");
  }

  private Stream<DynamicTest> attacks(String propagation) {
    OtherJvm host =
        OtherJvm.start(
            "exec unshare --mount --propagation " + propagation + " \"$@\"", AttackHost.class);
    List<DynamicTest> tests = new ArrayList<>();
    List<Attack> all = Attacks.all();
    for (int i = 0; i < all.size(); i++) {
      int number = i;
      if (propagation.equals("shared") || !all.get(i).onlyAmongShared()) {
        tests.add(DynamicTest.dynamicTest(all.get(i).toString(), () -> attack(host, number)));
      }
    }
    return tests.stream().onClose(host::end);
  }

  private void attack(OtherJvm host, int number) {
    Attack attack = Attacks.all().get(number);
    assertThat(run(host, number, Launcher.NAIVE))
        .as("the naive launcher must lose")
        .startsWith("lost");
    for (Launcher belljar : List.of(Launcher.BELLJAR, Launcher.BELLJAR_ROOTLESS)) {
      List<String> answer = run(host, number, belljar);
      assertThat(answer).as(belljar.name()).startsWith("held");
      assertThat(answer.getLast())
          .as(belljar.name())
          .startsWith(attack.refusal().isEmpty() ? "ran: " : "refused: ")
          .contains(attack.refusal())
          .doesNotContain(AttackHost.MOUNTS_CHANGED);
    }
  }

  private List<String> run(OtherJvm host, int number, Launcher launcher) {
    try {
      Path scene = Files.createTempDirectory(folder, "scene");
      return host.ask("%d %s %s".formatted(number, launcher, scene));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
