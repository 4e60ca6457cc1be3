package dev.belljar;

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * An attack that has to come at the right moment: all the time, two names of the tree are
 * exchanged.
 *
 * @param attack what is tried
 * @param one a name
 * @param other the other name
 * @param repair makes the scene as good as new after a loss
 */
record Race(
    Attack attack, Function<Scene, Path> one, Function<Scene, Path> other, Consumer<Scene> repair) {
  private static final AtomicInteger COUNT = new AtomicInteger();

  static List<Race> all() {
    return List.of(
        new Race(
            Attack.of(
                    "the way to a target is exchanged with a link to the host",
                    "CVE-2021-30465",
                    "CVE-2019-19921")
                .prepared(Race::makeWays)
                .wanting(scene ->
                    Wanted.sh(scene, "true")
                        .bind(scene.volume(), "/way/new-" + COUNT.incrementAndGet())
                        .checkingPaths()),
            Race::way,
            Race::link,
            Scene::repairVictim),
        new Race(
            Attack.of(
                    "the way to a new file is exchanged with a link to the host", "CVE-2024-45310")
                .prepared(Race::makeWays)
                .wanting(scene ->
                    Wanted.sh(scene, "true")
                        .bind(
                            scene.volume().resolve("file"), "/way/file-" + COUNT.incrementAndGet())
                        .checkingPaths()),
            Race::way,
            Race::link,
            Scene::repairVictim),
        new Race(
            Attack.of(
                    "/proc is exchanged with a tree of lies",
                    "CVE-2019-19921",
                    "CVE-2023-27561",
                    "CVE-2025-52881")
                .prepared(scene -> {
                  scene.write(lies(scene), "");
                  scene.link(scene.root().resolve("link"), "lies");
                })
                .wanting(scene -> Wanted.sh(scene, "true").sysctl())
                .lostWhen((scene, output) -> MountAttacks.lied(lies(scene))),
            scene -> scene.root().resolve("proc"),
            Race::link,
            scene -> scene.write(lies(scene), "")));
  }

  private static Path lies(Scene scene) {
    return scene.root().resolve("lies").resolve(Wanted.SYSCTL_FILE);
  }

  private static void makeWays(Scene scene) {
    scene.write(way(scene).resolve("x"), "");
    scene.write(scene.volume().resolve("file"), "");
    scene.link(link(scene), scene.victim());
  }

  private static Path way(Scene scene) {
    return scene.root().resolve("way");
  }

  private static Path link(Scene scene) {
    return scene.root().resolve("link");
  }

  @Override
  public String toString() {
    return attack.toString();
  }
}
