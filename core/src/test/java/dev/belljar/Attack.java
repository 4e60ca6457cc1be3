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
 * @param keepsChanges whether the container keeps what it changes, for which one of an ordinary
 *     user needs attributes that not all file systems have
 * @param refusal a part of the message when Belljar refuses the start, or empty when it runs
 */
record Attack(
    String name,
    List<String> known,
    Consumer<Scene> prepare,
    Function<Scene, Deed> wanted,
    BiPredicate<Scene, String> isLost,
    boolean onlyAmongShared,
    boolean keepsChanges,
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
        false,
        "");
  }

  Attack prepared(Consumer<Scene> how) {
    return new Attack(name, known, how, wanted, isLost, onlyAmongShared, keepsChanges, refusal);
  }

  Attack wanting(Function<Scene, Deed> what) {
    return new Attack(name, known, prepare, what, isLost, onlyAmongShared, keepsChanges, refusal);
  }

  Attack lostWhen(BiPredicate<Scene, String> oracle) {
    return new Attack(name, known, prepare, wanted, oracle, onlyAmongShared, keepsChanges, refusal);
  }

  Attack refusedAs(String text) {
    return new Attack(name, known, prepare, wanted, isLost, onlyAmongShared, keepsChanges, text);
  }

  Attack amongSharedMounts() {
    return new Attack(name, known, prepare, wanted, isLost, true, keepsChanges, refusal);
  }

  Attack keepingChanges() {
    return new Attack(name, known, prepare, wanted, isLost, onlyAmongShared, true, refusal);
  }

  @Override
  public String toString() {
    return known.isEmpty() ? name : name + " (" + String.join(", ", known) + ")";
  }
}
