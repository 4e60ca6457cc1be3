package dev.belljar;

import static dev.belljar.namespaces.NamespaceType.CGROUP;
import static dev.belljar.namespaces.NamespaceType.TIME;
import static dev.belljar.namespaces.NamespaceType.USER;

import dev.belljar.linux.syscall.Scratch;
import dev.belljar.linux.syscall.Syscall;
import dev.belljar.linux.syscall.SyscallNumber;
import dev.belljar.linux.testing.OtherJvm;
import dev.belljar.namespaces.NamespaceType;
import dev.belljar.rootfs.DirectoryRootfs;
import dev.belljar.rootfs.Mount;
import dev.belljar.rootfs.Rootfs;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * What a JVM in a mount namespace of its own does for {@link AttackTest}: it launches what is
 * attacked, so that harm done by mounts ends with it.
 */
final class AttackHost {
  /** Part of the output when the mounts around the container are not what they were. */
  static final String MOUNTS_CHANGED = "the host's mounts changed";

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

  /** Answers whether the attack was lost, and what came out of it. */
  private static List<String> answer(List<String> words) {
    int number = Integer.parseInt(words.get(0));
    Launcher launcher = Launcher.valueOf(words.get(1));
    Scene scene = Scene.in(Path.of(words.get(2)));
    return words.size() == 3
        ? attack(Attacks.all().get(number), launcher, scene)
        : race(Race.all().get(number), launcher, scene, Integer.parseInt(words.get(3)));
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

  /** Answers how often the race was lost, how often a container ran, and why it did not. */
  private static List<String> race(Race race, Launcher launcher, Scene scene, int tries) {
    Attack attack = race.attack();
    attack.prepare().accept(scene);
    int lost = 0;
    int ran = 0;
    Set<String> refusals = new TreeSet<>();
    try (Exchange exchange = Exchange.of(race.one().apply(scene), race.other().apply(scene))) {
      for (int i = 0; i < tries; i++) {
        String output = run(launcher, attack.wanted().apply(scene));
        if (attack.isLost().test(scene, output)) {
          lost++;
          race.repair().accept(scene);
        }
        if (output.startsWith("ran: exited with 0")) {
          ran++;
        } else {
          refusals.add(output.strip().replace('\n', ' ').replaceAll("[0-9]+", "N"));
        }
      }
      return List.of(
          Integer.toString(lost), Integer.toString(ran), exchange.count() + " " + refusals);
    }
  }

  private static String mounts() {
    try {
      return Files.readString(Path.of("/proc/self/mountinfo"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String run(Launcher launcher, Wanted wanted) {
    if (launcher == Launcher.NAIVE) {
      return NaiveLauncher.run(wanted);
    }
    long leaked = wanted.leak.map(AttackHost::openCarelessly).orElse(-1L);
    try {
      Outcome outcome = Outcome.of(builder(wanted, launcher == Launcher.BELLJAR_ROOTLESS));
      return "ran: %s %s %s".formatted(outcome.status(), outcome.out(), outcome.err());
    } catch (ContainerException | IllegalArgumentException e) {
      return "refused: " + e.getMessage();
    } finally {
      if (leaked >= 0) {
        Syscall.call(SyscallNumber.CLOSE, leaked);
      }
    }
  }

  // Without O_CLOEXEC, which no Java code can leave out.
  private static long openCarelessly(Path directory) {
    try (Scratch scratch = Scratch.open()) {
      return Syscall.call(
          SyscallNumber.OPENAT, Syscall.AT_FDCWD, scratch.string(directory.toString()), 0, 0);
    }
  }

  private static ContainerBuilder builder(Wanted wanted, boolean rootless) {
    DirectoryRootfs rootfs = Rootfs.directory(wanted.root);
    if (wanted.readOnly) {
      rootfs = rootfs.readOnly();
    }
    for (String path : wanted.hidden) {
      rootfs = rootfs.hide(path);
    }
    ContainerBuilder builder =
        Container.builder()
            .rootfs(rootfs)
            .command(wanted.command)
            .init(wanted.launcher.isPresent())
            .workingDirectory(wanted.folder)
            .timeout(ContainerTest.DEADLINE);
    for (Wanted.Bind bind : wanted.binds) {
      builder.mount(
          bind.readOnly()
              ? Mount.rbind(bind.source().toString(), bind.target()).readOnly()
              : Mount.bind(bind.source().toString(), bind.target()));
    }
    if (wanted.sysctl) {
      builder.sysctl(Wanted.SYSCTL, Wanted.SYSCTL_VALUE);
    }
    Set<NamespaceType> own = EnumSet.complementOf(EnumSet.of(TIME, rootless ? TIME : USER));
    if (!wanted.hasCgroup) {
      own.remove(CGROUP);
    }
    builder.namespaces(own.toArray(NamespaceType[]::new));
    return rootless ? builder.rootless() : builder;
  }
}
