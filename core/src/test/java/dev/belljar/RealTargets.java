package dev.belljar;

import dev.belljar.linux.testing.ThrowAwayMachine;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/**
 * What attackers are really after. It is attacked in a {@linkplain ThrowAwayMachine machine that is
 * thrown away}, by its root; elsewhere harmless files stand for it: the canary for what the kernel
 * executes, a file of the attacker's own for what the kernel obeys, the null device for a disk, a
 * copy for the launcher's program.
 *
 * <p>Whoever looks whether one was harmed also makes it good, for the next attack.
 */
final class RealTargets {
  private static final Path CORE_PATTERN = Path.of("/proc/sys/kernel/core_pattern");
  private static final Path LOG_LEVELS = Path.of("/proc/sys/kernel/printk");
  private static final String FEW_MESSAGES = "4";
  private static final Path ID_MAP = Path.of("/proc/self/uid_map");
  private static final int DISK_SIZE = 4096;
  private static final String PATTERN_BEFORE = Scene.read(CORE_PATTERN);

  private RealTargets() {}

  /** Tells whether the real ones are attacked. */
  static boolean areAttacked() {
    return ThrowAwayMachine.isThis() && isRootOfTheMachine();
  }

  /** Tells whether this is root, and not merely that of a USER namespace. */
  static boolean isRootOfTheMachine() {
    return Folders.IS_ROOT && Scene.read(ID_MAP).strip().matches("0 +0 +4294967295");
  }

  /** Where the kernel is told what to execute, as root, when a process crashes. */
  static Path corePattern(Scene scene) {
    return areAttacked() ? CORE_PATTERN : scene.canary();
  }

  static boolean isCorePatternHarmed(Scene scene) {
    if (!areAttacked()) {
      return scene.victimIsHarmed();
    }
    boolean isHarmed = !Scene.read(CORE_PATTERN).equals(PATTERN_BEFORE);
    scene.write(CORE_PATTERN, PATTERN_BEFORE);
    return isHarmed;
  }

  /**
   * Puts a file where the launcher is to find a sysctl. What is written there the kernel obeys as
   * if somebody had pressed that key on the console.
   */
  static void makeTrigger(Scene scene, Path file) {
    scene.write(file, "");
    if (areAttacked()) {
      scene.link(file, "/proc/sysrq-trigger");
      scene.write(LOG_LEVELS, FEW_MESSAGES);
    }
  }

  /** The key 7 has the kernel print all but its least important messages. */
  static boolean isTriggerPulled(Scene scene, Path file) {
    if (!areAttacked()) {
      return MountAttacks.lied(file);
    }
    boolean isPulled = Scene.read(LOG_LEVELS).startsWith(Wanted.SYSCTL_VALUE.substring(0, 1));
    scene.write(LOG_LEVELS, FEW_MESSAGES);
    return isPulled;
  }

  /** Makes a device node that stands for a disk of the machine. */
  static void makeDisk(Scene scene, Path node) {
    if (!areAttacked()) {
      scene.node(node, "c", "1", "3");
      return;
    }
    scene.write(scene.disk(), Scene.SECRET + " ".repeat(DISK_SIZE - Scene.SECRET.length()));
    String device = Tool.run("losetup", "--find", "--show", scene.disk().toString());
    String[] number = Tool.run("stat", "-c", "%Hr %Lr", device).split(" ", 2);
    scene.node(node, "b", number[0], number[1]);
  }

  static boolean isDiskHarmed(Scene scene, String output) {
    if (!areAttacked()) {
      return output.contains("opened");
    }
    String device = Tool.run("losetup", "-n", "-O", "NAME", "-j", scene.disk().toString());
    Tool.run("losetup", "--detach", device);
    return !Scene.read(scene.disk()).startsWith(Scene.SECRET);
  }

  /** A program of the host that starts containers. */
  static Path launcher(Scene scene) {
    try {
      return areAttacked() ? BusyboxTree.program() : scene.launcher();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static boolean isLauncherHarmed(Scene scene) {
    Path intact = scene.root().resolve("bin/busybox");
    try {
      boolean isHarmed = Files.mismatch(intact, launcher(scene)) >= 0;
      if (isHarmed && areAttacked()) {
        Path copy = launcher(scene).resolveSibling("busybox.intact");
        Files.copy(intact, copy, StandardCopyOption.COPY_ATTRIBUTES);
        Files.move(copy, launcher(scene), StandardCopyOption.ATOMIC_MOVE);
      }
      return isHarmed;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
