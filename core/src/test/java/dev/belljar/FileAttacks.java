package dev.belljar;

import java.nio.file.Path;
import java.util.List;

/** The attacks on what is done with files before a container starts and after it ended. */
final class FileAttacks {
  private FileAttacks() {}

  static List<Attack> all() {
    return List.of(
        Attack.of("the source of a bind is a link to the host", "CVE-2024-1753", "CVE-2024-0132")
            .prepared(scene -> scene.link(scene.volume().resolve("way"), scene.victim()))
            .wanting(scene ->
                Wanted.sh(scene, "cat /data/canary").bindWithin(scene.volume(), "/way", "/data"))
            .lostWhen(FileAttacks::secretIsOut)
            .refusedAs("the source must exist in its base"),
        Attack.of("the source of a bind leads up and out", "CVE-2024-1753")
            .prepared(scene -> scene.link(scene.volume().resolve("way"), "../victim"))
            .wanting(scene ->
                Wanted.sh(scene, "cat /data/canary").bindWithin(scene.volume(), "/way", "/data"))
            .lostWhen(FileAttacks::secretIsOut)
            .refusedAs("the source must exist in its base"),
        Attack.of("/etc/passwd is a link to the host", "CVE-2024-9676")
            .prepared(scene -> scene.link(scene.root().resolve("etc/passwd"), scene.canary()))
            .wanting(scene -> Wanted.sh(scene, "true").user("me"))
            .lostWhen(FileAttacks::secretIsOut)
            .refusedAs("the container's root has no user 'me' in /etc/passwd"),
        Attack.of("/etc/passwd is a FIFO", "CVE-2024-9676")
            .prepared(scene -> scene.node(scene.root().resolve("etc/passwd"), "p"))
            .wanting(scene -> Wanted.sh(scene, "true").user("me"))
            .lostWhen((scene, output) -> output.contains("hangs"))
            .refusedAs("/etc/passwd of the container's root is no regular file"),
        Attack.of("/etc/passwd is a device without an end", "CVE-2024-9676")
            .prepared(scene -> scene.node(scene.root().resolve("etc/passwd"), "c", "1", "5"))
            .wanting(scene -> Wanted.sh(scene, "true").user("me"))
            .lostWhen((scene, output) -> output.contains("without end"))
            .refusedAs("/etc/passwd of the container's root is no regular file"),
        Attack.of("what the launcher made is behind a link when it cleans up", "CVE-2024-23652")
            .prepared(scene -> scene.write(scene.volume().resolve("file"), ""))
            .wanting(scene ->
                Wanted.sh(
                        scene,
                        "busybox mv /way /old && busybox ln -s %s /way".formatted(scene.victim()))
                    .bind(scene.volume().resolve("file"), "/way/canary")
                    .cleaningUp(scene.kept()))
            .keepingChanges(),
        Attack.of("a tree that changes are exported to has a link to the host", "CVE-2018-15664")
            .prepared(FileDeeds::makeHarmfulChanges)
            .wanting(scene ->
                FileDeeds.exportTo(
                    scene,
                    now -> {
                      Path tree = FileDeeds.tree(now);
                      now.write(tree.resolve("file"), "");
                      now.link(tree.resolve(FileDeeds.WAY), now.victim());
                    })),
        Attack.of("the way to a file that is copied is a link to the host", "CVE-2022-23648")
            .prepared(scene -> scene.link(scene.volume().resolve("way"), scene.victim()))
            .wanting(scene -> FileDeeds.copy(scene, List.of("way/canary")))
            .lostWhen(FileAttacks::secretIsOut)
            .refusedAs("ENOENT"),
        Attack.of("the way to a file that is copied leads up and out", "CVE-2022-23648")
            .prepared(scene -> scene.link(scene.volume().resolve("way"), ".."))
            .wanting(scene -> FileDeeds.copy(scene, List.of("way/victim/canary")))
            .lostWhen(FileAttacks::secretIsOut)
            .refusedAs("ENOENT"));
  }

  static boolean secretIsOut(Scene scene, String output) {
    return output.contains(Scene.SECRET);
  }
}
