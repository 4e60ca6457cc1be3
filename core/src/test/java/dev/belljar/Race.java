package dev.belljar;

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Stream;

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
    return Stream.concat(ofTargets().stream(), ofFiles().stream()).toList();
  }

  private static List<Race> ofTargets() {
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

  private static List<Race> ofFiles() {
    return List.of(
        new Race(
            Attack.of(
                    "the source of a bind is exchanged with a link to the host",
                    "CVE-2024-23651",
                    "CVE-2024-1753",
                    "CVE-2024-0132")
                .prepared(scene -> {
                  scene.write(scene.volume().resolve("way/x"), "");
                  scene.link(scene.volume().resolve("link"), scene.victim());
                })
                .wanting(scene ->
                    Wanted.sh(scene, "cat /data/canary; true")
                        .bindWithin(scene.volume(), "/way", "/data")
                        .checkingPaths())
                .lostWhen(FileAttacks::secretIsOut),
            scene -> scene.volume().resolve("way"),
            scene -> scene.volume().resolve("link"),
            scene -> {}),
        new Race(
            Attack.of(
                    "a directory is exchanged with a link to the host while it is deleted",
                    "CVE-2024-23652")
                .wanting(FileDeeds::cleanUp),
            scene -> FileDeeds.upper(scene).resolve(FileDeeds.WAY),
            scene -> FileDeeds.upper(scene).resolve(FileDeeds.LINK),
            Scene::repairVictim),
        new Race(
            Attack.of(
                    "a directory is exchanged with a link to the host while it is exported",
                    "CVE-2018-15664")
                .wanting(FileDeeds::exportFrom)
                .lostWhen(FileAttacks::secretIsOut),
            scene -> FileDeeds.upper(scene).resolve(FileDeeds.WAY),
            scene -> FileDeeds.upper(scene).resolve(FileDeeds.LINK),
            scene -> {}),
        new Race(
            Attack.of(
                    "a directory is exchanged with a link to the host while it is exported to",
                    "CVE-2018-15664")
                .prepared(FileDeeds::makeHarmfulChanges)
                .wanting(scene ->
                    FileDeeds.exportTo(
                        scene, now -> FileDeeds.makeNames(now, FileDeeds.tree(now), "rwx------"))),
            scene -> FileDeeds.tree(scene).resolve(FileDeeds.WAY),
            scene -> FileDeeds.tree(scene).resolve(FileDeeds.LINK),
            Scene::repairVictim),
        new Race(
            Attack.of(
                    "a file is exchanged with a link to the host while it is copied",
                    "CVE-2022-23648")
                .prepared(FileDeeds::makeFiles)
                .wanting(scene -> FileDeeds.copy(scene, FileDeeds.names()))
                .lostWhen(FileAttacks::secretIsOut),
            scene -> scene.volume().resolve(FileDeeds.WAY),
            scene -> scene.volume().resolve(FileDeeds.LINK),
            scene -> {}));
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
