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
import org.junit.jupiter.api.Assumptions;
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

  private static final int BATCH = 100;

  private static final String AMONG_PRIVATE = "exec unshare --mount --propagation private \"$@\"";

  /** In a peer group of their own: what is mounted there is not to come out. */
  private static final String AMONG_SHARED =
      "exec unshare --mount --propagation private sh -c 'mount --make-rshared / && exec \"$@\"' sh"
          + " \"$@\"";

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
            propagation.equals("shared") ? AMONG_SHARED : AMONG_PRIVATE, AttackHost.class);
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
    int losses = Math.max(1, TRIES / 100);
    Score naive = race(number, Launcher.NAIVE, 100 * losses, losses);
    assertThat(naive.lost()).as("losses of the naive launcher: %s", naive).isEqualTo(losses);
    Score belljar = race(number, Launcher.BELLJAR, TRIES, 1);
    assertThat(belljar.lost()).as("losses: %s", belljar).isZero();
    assertThat(belljar.ran()).as("what ran: %s", belljar).isGreaterThanOrEqualTo(TRIES / 5);
  }

  /** How often a race was lost, how often it came to its end, and what was said. */
  private record Score(int lost, int ran, List<String> said) {}

  /** Runs a race until it was lost often enough, some hundred tries in one JVM. */
  private Score race(int number, Launcher launcher, int tries, int enough) {
    int lost = 0;
    int ran = 0;
    List<String> said = new ArrayList<>();
    for (int left = tries; left > 0 && lost < enough; left -= BATCH) {
      try (OtherJvm host = OtherJvm.start(AMONG_SHARED, AttackHost.class)) {
        List<String> answer =
            run(host, number, launcher, "" + Math.min(left, BATCH), "" + (enough - lost));
        lost += Integer.parseInt(answer.getFirst());
        ran += Integer.parseInt(answer.get(1));
        said.add(answer.getLast());
        host.end(); // unlike a killed one, it takes its group of groups away
      }
    }
    return new Score(lost, ran, said);
  }

  private void attack(OtherJvm host, int number) throws IOException {
    Attack attack = Attacks.all().get(number);
    assertThat(run(host, number, Launcher.NAIVE))
        .as("the naive launcher must lose")
        .startsWith("lost");
    for (Launcher belljar : List.of(Launcher.BELLJAR, Launcher.BELLJAR_ROOTLESS)) {
      if (attack.keepsChanges() && belljar == Launcher.BELLJAR_ROOTLESS) {
        Assumptions.assumeTrue(Folders.hasAttributes(folder), "needs user attributes");
      }
      List<String> answer = run(host, number, belljar);
      assertThat(answer).as(belljar.name()).startsWith("held");
      assertThat(answer.getLast())
          .as(belljar.name())
          .startsWith(attack.refusal().isEmpty() ? "ran: " : Deed.REFUSED)
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
