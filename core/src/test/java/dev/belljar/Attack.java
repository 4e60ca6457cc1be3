package dev.belljar;

import java.util.List;
import java.util.function.BiPredicate;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * A way out of a container that worked somewhere: what the attacker prepares, what is done with
 * that, such as a container that is started on it, and how the host sees that it was harmed.
 *
 * @param name what is tried
 * @param known the numbers it became known by
 * @param prepare what the attacker does beforehand
 * @param wanted what is done on it, such as a container
 * @param isLost looks from outside: at the scene and at what came out of the container
 * @param onlyAmongShared whether it can succeed only where mounts are shared
 * @param refusal a part of the message when Belljar refuses the start, or empty when it runs
 */
record Attack(
    String name,
    List<String> known,
    Consumer<Scene> prepare,
    Function<Scene, Deed> wanted,
    BiPredicate<Scene, String> isLost,
    boolean onlyAmongShared,
    String refusal) {
  Attack {
    known = List.copyOf(known);
  }

  /** Begins the description of an attack that harms the host's directory. */
  static Attack of(String name, String... known) {
    return new Attack(
        name,
        List.of(known),
        scene -> {},
        scene -> Wanted.sh(scene, "true"),
        (scene, output) -> scene.victimIsHarmed(),
        false,
        "");
  }

  Attack prepared(Consumer<Scene> how) {
    return new Attack(name, known, how, wanted, isLost, onlyAmongShared, refusal);
  }

  Attack wanting(Function<Scene, Deed> what) {
    return new Attack(name, known, prepare, what, isLost, onlyAmongShared, refusal);
  }

  Attack lostWhen(BiPredicate<Scene, String> oracle) {
    return new Attack(name, known, prepare, wanted, oracle, onlyAmongShared, refusal);
  }

  Attack refusedAs(String text) {
    return new Attack(name, known, prepare, wanted, isLost, onlyAmongShared, text);
  }

  Attack amongSharedMounts() {
    return new Attack(name, known, prepare, wanted, isLost, true, refusal);
  }

  @Override
  public String toString() {
    return known.isEmpty() ? name : name + " (" + String.join(", ", known) + ")";
  }
}
