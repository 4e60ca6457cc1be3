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
import dev.belljar.rootfs.Rootfs;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

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
    Attack attack = Attacks.all().get(Integer.parseInt(words.get(0)));
    Launcher launcher = Launcher.valueOf(words.get(1));
    Scene scene = Scene.in(Path.of(words.get(2)));
    attack.prepare().accept(scene);
    String mounts = mounts();
    String output = run(launcher, attack.wanted().apply(scene));
    if (!mounts.equals(mounts())) {
      output += "\n" + MOUNTS_CHANGED;
    }
    String lost = attack.isLost().test(scene, output) ? "lost" : "held";
    return List.of(lost, output.strip().replace('\n', ' '));
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
    Set<NamespaceType> own = EnumSet.complementOf(EnumSet.of(TIME, rootless ? TIME : USER));
    if (!wanted.hasCgroup) {
      own.remove(CGROUP);
    }
    builder.namespaces(own.toArray(NamespaceType[]::new));
    return rootless ? builder.rootless() : builder;
  }
}
