package dev.belljar;

import dev.belljar.linux.testing.OtherJvm;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.opentest4j.TestAbortedException;

/**
 * What a JVM in a mount namespace of its own does for {@link AttackTest}: it launches what is
 * attacked, so that harm done by mounts ends with it.
 */
final class AttackHost {
  /** Part of the output when the mounts around the container are not what they were. */
  static final String MOUNTS_CHANGED = "the host's mounts changed";

  /** The answer when an attack makes no sense here, before the reason. */
  static final String SKIPPED = "skipped";

  private AttackHost() {}

  /** Who starts the container. */
  enum Launcher {
    NAIVE,
    BELLJAR,
    BELLJAR_ROOTLESS
  }

  public static void main(String[] arguments) {
    OtherJvm.serve(AttackHost::answer);
  }

  /** Answers whether the attack was lost, and what came out of it, or that it makes no sense. */
  private static List<String> answer(List<String> words) {
    try {
      return answerTo(words);
    } catch (TestAbortedException e) {
      return List.of(SKIPPED, e.getMessage());
    }
  }

  private static List<String> answerTo(List<String> words) {
    int number = Integer.parseInt(words.get(0));
    Launcher launcher = Launcher.valueOf(words.get(1));
    Scene scene = Scene.in(Path.of(words.get(2)));
    return words.size() == 3
        ? attack(Attacks.all().get(number), launcher, scene)
        : race(
            Race.all().get(number),
            launcher,
            scene,
            Integer.parseInt(words.get(3)),
            Integer.parseInt(words.get(4)));
  }

  private static List<String> attack(Attack attack, Launcher launcher, Scene scene) {
    attack.prepare().accept(scene);
    String mounts = mounts();
    String output = run(launcher, attack.wanted().apply(scene));
    if (!mounts.equals(mounts())) {
      output += "\n" + MOUNTS_CHANGED;
    }
    String lost = attack.isLost().test(scene, output) ? "lost" : "held";
    return List.of(lost, output.strip().replace('\n', ' '));
  }

  /**
   * Answers how often the race was lost, how often it ran to its end, and why it did not; it stops
   * when it was lost often enough.
   */
  private static List<String> race(
      Race race, Launcher launcher, Scene scene, int tries, int enough) {
    Attack attack = race.attack();
    attack.prepare().accept(scene);
    int lost = 0;
    int ran = 0;
    Set<String> refusals = new TreeSet<>();
    try (Exchange exchange = Exchange.of(race.one().apply(scene), race.other().apply(scene))) {
      for (int i = 0; i < tries && lost < enough; i++) {
        exchange.awaitNext();
        String output = run(launcher, attack.wanted().apply(scene));
        if (attack.isLost().test(scene, output)) {
          lost++;
          race.repair().accept(scene);
        }
        if (output.startsWith(Deed.DONE)) {
          ran++;
        } else {
          refusals.add(output.strip().replace('\n', ' ').replaceAll("[0-9]+", "N"));
        }
      }
      return List.of(
          Integer.toString(lost), Integer.toString(ran), exchange.count() + " " + refusals);
    }
  }

  static String mounts() {
    try {
      return Files.readString(Path.of("/proc/self/mountinfo"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String run(Launcher launcher, Deed deed) {
    return launcher == Launcher.NAIVE
        ? deed.carelessly()
        : deed.byBelljar(launcher == Launcher.BELLJAR_ROOTLESS);
  }
}
