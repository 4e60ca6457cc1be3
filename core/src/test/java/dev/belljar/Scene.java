package dev.belljar;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;

/**
 * Where an attack takes place: a tree that the attacker has prepared, and beside it something of
 * the host that nobody inside must read or change.
 */
final class Scene {
  /** What nobody inside may read. */
  static final String SECRET = "a secret of the host";

  /** Of the host's directory; few enough for somebody to want more. */
  private static final Set<PosixFilePermission> VICTIM =
      PosixFilePermissions.fromString("r-xr-xr-x");

  private static final Set<PosixFilePermission> OPEN = PosixFilePermissions.fromString("rwxr-xr-x");

  private final Path folder;

  private Scene(Path folder) {
    this.folder = folder;
  }

  /** Makes the files in an empty folder. */
  static Scene in(Path folder) {
    Scene scene = new Scene(folder);
    scene.attempt(() -> {
      BusyboxTree.make(Files.createDirectory(scene.root()));
      for (String name : List.of("proc", "sys", "dev", "tmp", "etc")) {
        Files.createDirectory(scene.root().resolve(name));
      }
      Files.createDirectory(scene.victim());
      Files.writeString(scene.canary(), SECRET);
      Files.setPosixFilePermissions(scene.victim(), VICTIM);
      Files.createDirectory(scene.volume());
      Files.createDirectory(scene.kept());
    });
    return scene;
  }

  /** The directory that becomes the container's root; the attacker's. */
  Path root() {
    return folder.resolve("root");
  }

  /** A directory of the host, with nothing but the canary in it. */
  Path victim() {
    return folder.resolve("victim");
  }

  /** A file of the host. */
  Path canary() {
    return victim().resolve("canary");
  }

  /** A directory that is mounted into the container, and is the attacker's, too. */
  Path volume() {
    return folder.resolve("volume");
  }

  /** A folder that keeps what containers change. */
  Path kept() {
    return folder.resolve("kept");
  }

  /** A program of the host that starts containers. */
  Path launcher() {
    return folder.resolve("launcher");
  }

  /** Makes the program. */
  void makeLauncher() {
    attempt(() -> Files.copy(root().resolve("bin/busybox"), launcher()));
  }

  /** What is on a disk of the host. */
  Path disk() {
    return folder.resolve("disk");
  }

  /** Tells whether anything happened to the host's directory. */
  boolean victimIsHarmed() {
    try (Stream<Path> files = Files.list(victim())) {
      return !files.toList().equals(List.of(canary()))
          || !Files.getPosixFilePermissions(victim()).equals(VICTIM)
          || !Files.isRegularFile(canary(), LinkOption.NOFOLLOW_LINKS)
          || !Files.readString(canary()).equals(SECRET);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Adds an empty file to the host's directory. */
  void addToVictim(String name) {
    attempt(() -> {
      Files.setPosixFilePermissions(victim(), OPEN);
      Files.createFile(victim().resolve(name));
      Files.setPosixFilePermissions(victim(), VICTIM);
    });
  }

  /** Makes the host's directory as it was. */
  void repairVictim() {
    attempt(() -> {
      Files.setPosixFilePermissions(victim(), OPEN);
      try (Stream<Path> files = Files.list(victim())) {
        for (Path file : files.toList()) {
          Files.delete(file);
        }
      }
      Files.writeString(canary(), SECRET);
      Files.setPosixFilePermissions(victim(), VICTIM);
    });
  }

  /** Replaces a file or empty directory of the attacker's by a link. */
  void link(Path path, Object target) {
    attempt(() -> {
      Files.deleteIfExists(path);
      Files.createSymbolicLink(path, Path.of(target.toString()));
    });
  }

  /** Writes a file, with the directories on the way. */
  Path write(Path path, String text) {
    attempt(() -> {
      Files.createDirectories(path.getParent());
      Files.writeString(path, text);
    });
    return path;
  }

  /** Writes a program. */
  void script(Path path, String text) {
    write(path, text);
    if (!path.toFile().setExecutable(true, false)) {
      throw new IllegalStateException(path + " cannot be made executable");
    }
  }

  /**
   * Makes a device or FIFO; skips the attack where the kernel lets nobody but root make a device.
   *
   * @param kind as mknod(1) has it
   */
  void node(Path path, String... kind) {
    List<String> command = new ArrayList<>(List.of("mknod", path.toString()));
    command.addAll(List.of(kind));
    try {
      Tool.run(command.toArray(String[]::new));
    } catch (IllegalStateException e) {
      String why = e.getMessage().substring(e.getMessage().lastIndexOf(':'));
      Assumptions.assumeTrue(
          RealTargets.isRootOfTheMachine(), "needs a device of the attacker's: mknod" + why);
      throw e;
    }
  }

  /** Where a path of the host would be, were it one inside. */
  Path inside(Path path) {
    return Path.of(root().toString(), path.toString());
  }

  /** Reads a file. */
  static String read(Path path) {
    try {
      return Files.readString(path);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private interface Writing {
    void run() throws IOException;
  }

  private void attempt(Writing writing) {
    try {
      writing.run();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
