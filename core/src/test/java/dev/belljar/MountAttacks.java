package dev.belljar;

import dev.belljar.linux.BytePath;
import dev.belljar.linux.LinuxException;
import dev.belljar.linux.call.MountCalls;
import dev.belljar.linux.uapi.Uapi;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Assumptions;

/** The attacks on mounts that were asked for: on where they lead, and on what they hold. */
final class MountAttacks {
  private MountAttacks() {}

  static List<Attack> all() {
    return List.of(
        Attack.of("the target of a directory is a link to the host", "CVE-2019-18837")
            .prepared(scene -> scene.link(scene.root().resolve("data"), scene.victim()))
            .wanting(scene -> Wanted.sh(scene, "true").bind(scene.volume(), "/data/new"))
            .refusedAs("is a link that leads nowhere"),
        Attack.of("the target of a file is a link to the host", "CVE-2024-45310")
            .prepared(scene -> {
              scene.link(scene.root().resolve("data"), scene.victim());
              scene.write(scene.volume().resolve("file"), "");
            })
            .wanting(scene ->
                Wanted.sh(scene, "true").bind(scene.volume().resolve("file"), "/data/file"))
            .refusedAs("is a link that leads nowhere"),
        Attack.of("the way to the target leads up and out", "CVE-2015-1335")
            .prepared(scene -> scene.link(scene.root().resolve("way"), "../victim"))
            .wanting(scene -> Wanted.sh(scene, "true").bind(scene.volume(), "/way/to/data"))
            .refusedAs("is a link that leads nowhere"),
        Attack.of("a volume that is mounted as /dev has a link as null", "CVE-2025-31133")
            .prepared(scene -> {
              scene.link(scene.volume().resolve("null"), RealTargets.corePattern(scene));
              scene.write(scene.root().resolve("etc/hidden"), "");
            })
            .wanting(scene ->
                Wanted.sh(scene, "echo " + Attacks.HARM + " > /etc/hidden")
                    .bind(scene.volume(), "/dev")
                    .hide("/etc/hidden"))
            .lostWhen((scene, output) -> RealTargets.isCorePatternHarmed(scene)),
        Attack.of("a volume of lies is mounted as /proc", "CVE-2019-16884", "CVE-2025-52881")
            .prepared(scene -> scene.write(scene.volume().resolve(Wanted.SYSCTL_FILE), ""))
            .wanting(scene -> Wanted.sh(scene, "true").bind(scene.volume(), "/proc").sysctl())
            .lostWhen((scene, output) -> lied(scene.volume().resolve(Wanted.SYSCTL_FILE)))
            .refusedAs("nothing may be mounted on /proc"),
        Attack.of("a link leads a mount of lies to /proc/sys", "CVE-2019-16884", "CVE-2025-52881")
            .prepared(scene -> {
              scene.link(scene.root().resolve("way"), "proc");
              RealTargets.makeTrigger(scene, scene.volume().resolve("net/ipv4/ip_default_ttl"));
            })
            .wanting(scene -> Wanted.sh(scene, "true").bind(scene.volume(), "/way/sys").sysctl())
            .lostWhen((scene, output) ->
                RealTargets.isTriggerPulled(
                    scene, scene.volume().resolve("net/ipv4/ip_default_ttl")))
            .refusedAs("a link leads into /proc or /sys"),
        Attack.of("/etc/hosts, to be replaced, is a link to the host")
            .prepared(scene -> {
              scene.write(scene.root().resolve("etc/hosts"), "");
              scene.link(scene.root().resolve("etc/hosts"), scene.canary());
              scene.write(scene.volume().resolve("hosts"), "");
            })
            .wanting(scene ->
                Wanted.sh(scene, "true")
                    .hosts(scene.volume().resolve("hosts"))
                    .forgettingPropagation())
            .lostWhen((scene, output) -> AttackHost.mounts().contains(" " + scene.canary() + " "))
            .amongSharedMounts(),
        Attack.of("a volume brings a device")
            .prepared(scene -> RealTargets.makeDisk(scene, scene.volume().resolve("device")))
            .wanting(scene ->
                Wanted.sh(scene, "echo " + Attacks.HARM + " > /data/device && echo opened")
                    .bind(scene.volume(), "/data"))
            .lostWhen(RealTargets::isDiskHarmed),
        Attack.of("a mount below a read-only one is writable")
            .prepared(MountAttacks::mountBelow)
            .wanting(scene ->
                Wanted.sh(scene, "echo " + Attacks.HARM + " > /data/below/canary")
                    .bindReadOnly(scene.volume(), "/data")));
  }

  static boolean lied(Path file) {
    return !Scene.read(file).isEmpty();
  }

  private static void mountBelow(Scene scene) {
    Path below = scene.write(scene.volume().resolve("below/x"), "").getParent();
    try {
      MountCalls.mount(scene.victim().toString(), BytePath.of(below), "none", Uapi.MS_BIND(), "");
    } catch (LinuxException e) {
      Assumptions.assumeTrue(Folders.IS_ROOT, "needs a mount of the host's: " + e.getMessage());
      throw e;
    }
  }
}
