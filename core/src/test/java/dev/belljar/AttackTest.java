package dev.belljar;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belljar.AttackHost.Launcher;
import dev.belljar.linux.testing.Effort;
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
import java.util.stream.IntStream;
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
  /** How often a race is run; more with {@code -Dbelljar.race.tries=10000}. */
  private static final int TRIES = Integer.getInteger("belljar.race.tries", 60);

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

  /**
   * Each race is run so often that the naive launcher loses it many times. What the tree leads to
   * is a matter of luck for Belljar too, but it must not be harmed, and not refuse everything.
   */
  @TestFactory
  Stream<DynamicTest> races() {
    Effort.assumeNotEmulated(); // where few tries take minutes
    return IntStream.range(0, Race.all().size())
        .mapToObj(i -> DynamicTest.dynamicTest(Race.all().get(i).toString(), () -> race(i)));
  }

  private void race(int number) {
    try (OtherJvm host =
        OtherJvm.start("exec unshare --mount --propagation shared \"$@\"", AttackHost.class)) {
      int naiveTries = Math.max(TRIES / 3, 10);
      List<String> naive = run(host, number, Launcher.NAIVE, Integer.toString(naiveTries));
      assertThat(Integer.parseInt(naive.getFirst()))
          .as("losses of the naive launcher: %s", naive)
          .isGreaterThanOrEqualTo(Math.max(1, naiveTries / 100));
      List<String> belljar = run(host, number, Launcher.BELLJAR, Integer.toString(TRIES));
      assertThat(Integer.parseInt(belljar.getFirst())).as("losses: %s", belljar).isZero();
      assertThat(Integer.parseInt(belljar.get(1)))
          .as("containers that ran: %s", belljar)
          .isGreaterThanOrEqualTo(TRIES / 5);
      host.end(); // unlike a killed one, it takes its group of groups away
    }
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

  private List<String> run(OtherJvm host, int number, Launcher launcher, String... more) {
    try {
      Path scene = Files.createTempDirectory(folder, "scene");
      return host.ask("%d %s %s %s".formatted(number, launcher, scene, String.join(" ", more)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
