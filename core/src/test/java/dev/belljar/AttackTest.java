package dev.belljar;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belljar.AttackHost.Launcher;
import dev.belljar.linux.testing.Effort;
import dev.belljar.linux.testing.KernelTest;
import dev.belljar.linux.testing.OtherJvm;
import dev.belljar.linux.testing.RequiresOrdinaryUser;
import dev.belljar.linux.testing.RequiresRoot;
import dev.belljar.linux.testing.RequiresTool;
import dev.belljar.linux.testing.RequiresUserNamespaces;
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
@RequiresUserNamespaces
@RequiresTool({"busybox", "unshare"})
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class AttackTest {
  /** How often a race is run; more with {@code -Dbelljar.race.tries=10000}. */
  private static final int TRIES = Integer.getInteger("belljar.race.tries", 60);

  private static final int BATCH = 100;

  @TempDir private Path folder;

  /** Who the host's JVM is, and what mounts are around it. */
  private enum Stage {
    ROOT_AMONG_PRIVATE(OtherJvm.AMONG_PRIVATE_MOUNTS, false),
    ROOT_AMONG_SHARED(OtherJvm.AMONG_SHARED_MOUNTS, true),
    /** Root in a USER that an ordinary user made, where he may mount, and share what he mounts. */
    ROOT_OF_A_USER_AMONG_SHARED(
        OtherJvm.AMONG_SHARED_MOUNTS.replaceFirst(
            "unshare", "unshare --user --map-root-user --net"),
        true),
    /** Nobody special: he has to make a USER for each container, from where no mount comes out. */
    ORDINARY_USER(OtherJvm.PLAIN, false);

    private final String script;
    private final boolean isShared;

    Stage(String script, boolean isShared) {
      this.script = script;
      this.isShared = isShared;
    }

    OtherJvm start() {
      return OtherJvm.start(script, AttackHost.class);
    }

    List<Launcher> launchers() {
      return this == ORDINARY_USER
          ? List.of(Launcher.BELLJAR_ROOTLESS)
          : List.of(Launcher.BELLJAR, Launcher.BELLJAR_ROOTLESS);
    }
  }

  @TestFactory
  @RequiresRoot
  Stream<DynamicTest> amongPrivateMounts() {
    Effort.assumeNotEmulated();
    return attacks(Stage.ROOT_AMONG_PRIVATE);
  }

  @TestFactory
  Stream<DynamicTest> amongSharedMounts() {
    return attacks(Folders.IS_ROOT ? Stage.ROOT_AMONG_SHARED : Stage.ROOT_OF_A_USER_AMONG_SHARED);
  }

  @TestFactory
  @RequiresOrdinaryUser
  Stream<DynamicTest> byAnOrdinaryUser() {
    return attacks(Stage.ORDINARY_USER);
  }

  private Stream<DynamicTest> attacks(Stage stage) {
    OtherJvm host = stage.start();
    List<DynamicTest> tests = new ArrayList<>();
    List<Attack> all = Attacks.all();
    for (int i = 0; i < all.size(); i++) {
      int number = i;
      if (stage.isShared || !all.get(i).onlyAmongShared()) {
        tests.add(
            DynamicTest.dynamicTest(all.get(i).toString(), () -> attack(host, stage, number)));
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
    Launcher launcher = Folders.IS_ROOT ? Launcher.BELLJAR : Launcher.BELLJAR_ROOTLESS;
    Score belljar = race(number, launcher, TRIES, 1);
    assertThat(belljar.lost()).as("losses: %s", belljar).isZero();
    assertThat(belljar.ran()).as("what ran: %s", belljar).isGreaterThanOrEqualTo(TRIES / 5);
  }

  /** How often a race was lost, how often it came to its end, and what was said. */
  private record Score(int lost, int ran, List<String> said) {}

  /** Runs a race until it was lost often enough, some hundred tries in one JVM. */
  private Score race(int number, Launcher launcher, int tries, int enough) {
    Stage stage = Folders.IS_ROOT ? Stage.ROOT_AMONG_SHARED : Stage.ORDINARY_USER;
    int lost = 0;
    int ran = 0;
    List<String> said = new ArrayList<>();
    for (int left = tries; left > 0 && lost < enough; left -= BATCH) {
      try (OtherJvm host = stage.start()) {
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

  private void attack(OtherJvm host, Stage stage, int number) throws IOException {
    Attack attack = Attacks.all().get(number);
    assertThat(run(host, number, Launcher.NAIVE))
        .as("the naive launcher must lose")
        .startsWith("lost");
    for (Launcher belljar : stage.launchers()) {
      boolean isOfUser = belljar == Launcher.BELLJAR_ROOTLESS || !Folders.IS_ROOT;
      if (attack.keepsChanges() && isOfUser) {
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
      List<String> answer =
          host.ask("%d %s %s %s".formatted(number, launcher, scene, String.join(" ", more)));
      if (answer.getFirst().equals(AttackHost.SKIPPED)) {
        Assumptions.abort(answer.getLast());
      }
      return answer;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
