package dev.belljar;

import dev.belljar.linux.BytePath;
import dev.belljar.linux.Descriptor;
import dev.belljar.linux.LinuxException;
import dev.belljar.rootfs.InputTree;
import dev.belljar.rootfs.KeptTree;
import dev.belljar.rootfs.Overlay;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * What is done on the host with files that containers wrote: changes are deleted or exported, a
 * file is copied.
 *
 * <p>The attacker's folder is the upper folder of an overlay. In it he has a directory {@link #WAY}
 * and a link {@link #LINK} that leads to the host's, and may be exchanging one with the other.
 */
final class FileDeeds {
  static final String WAY = "way";
  static final String LINK = "link";

  /** So many that work on the directory takes as long as some exchanges. */
  private static final int FILES = 100;

  private static final AtomicInteger COUNT = new AtomicInteger();

  private interface Work {
    void run() throws IOException;
  }

  private interface Writing {
    void into(Path directory) throws IOException;
  }

  private FileDeeds() {}

  /** Where the attacker's names are when changes are deleted or exported. */
  static Path upper(Scene scene) {
    return scene.kept().resolve("upper");
  }

  /** Where the attacker's names are when changes are exported to a tree of his. */
  static Path tree(Scene scene) {
    return scene.volume().resolve("tree");
  }

  /** The changes are deleted. */
  static Deed cleanUp(Scene scene) {
    return new Deed() {
      @Override
      public String carelessly() {
        makeNames(scene, upper(scene), "r-x------");
        return done(() -> CarelessFiles.delete(upper(scene)));
      }

      @Override
      public String byBelljar(boolean rootless) {
        makeNames(scene, upper(scene), "r-x------");
        return done(overlay(scene)::delete);
      }
    };
  }

  /** The attacker's changes are exported; the output has what is in the files of the export. */
  static Deed exportFrom(Scene scene) {
    return new Deed() {
      @Override
      public String carelessly() {
        return export(to -> CarelessFiles.copyInto(upper(scene), to));
      }

      @Override
      public String byBelljar(boolean rootless) {
        return export(to -> overlay(scene).changes().applyTo(BytePath.of(to)));
      }

      private String export(Writing writing) {
        makeNames(scene, upper(scene), "r-x------");
        Path to = newDirectory(scene);
        return done(() -> writing.into(to)) + " " + contents(to);
      }
    };
  }

  /**
   * Harmful changes are exported to a tree of the attacker's.
   *
   * @param prepare what he does to the tree beforehand
   */
  static Deed exportTo(Scene scene, Consumer<Scene> prepare) {
    return new Deed() {
      @Override
      public String carelessly() {
        prepare.accept(scene);
        return done(() -> CarelessFiles.copyInto(upper(scene), tree(scene)));
      }

      @Override
      public String byBelljar(boolean rootless) {
        prepare.accept(scene);
        return done(() -> overlay(scene).changes().applyTo(BytePath.of(tree(scene))));
      }
    };
  }

  /** Makes changes that would overwrite the host's file, were they made in the host's directory. */
  static void makeHarmfulChanges(Scene scene) {
    scene.write(upper(scene).resolve(WAY).resolve("canary"), Attacks.HARM);
  }

  /** Files of the attacker's are copied into a tree; the output has what is in the copies. */
  static Deed copy(Scene scene, List<String> names) {
    return new Deed() {
      @Override
      public String carelessly() {
        Path to = newDirectory(scene);
        return done(() -> CarelessFiles.copy(scene.volume(), names, to)) + " " + contents(to);
      }

      @Override
      public String byBelljar(boolean rootless) {
        InputTree.Builder builder = InputTree.builder();
        for (String name : names) {
          BytePath source = BytePath.of("/" + name);
          builder.copyWithin(source, BytePath.of(scene.volume()), source);
        }
        StringBuilder found = new StringBuilder();
        String output =
            done(() -> {
              try (KeptTree kept = builder.build().keep();
                  Descriptor mount = kept.copyOfMount()) {
                found.append(contents(Path.of("/proc/self/fd/" + mount.number() + "/.")));
              }
            });
        return output + " " + found;
      }
    };
  }

  /** Files to be copied, of which the attacker exchanges one. */
  static List<String> names() {
    List<String> names = new ArrayList<>();
    for (int i = 0; i < FILES; i++) {
      names.add(i == FILES / 2 ? WAY : "file-" + i);
    }
    return names;
  }

  /** Makes them, and the link. */
  static void makeFiles(Scene scene) {
    names().forEach(name -> scene.write(scene.volume().resolve(name), "nothing"));
    scene.link(scene.volume().resolve(LINK), scene.canary());
  }

  private static String done(Work work) {
    try {
      work.run();
      return Deed.DONE;
    } catch (IOException | LinuxException e) {
      return Deed.REFUSED + e.getMessage();
    }
  }

  private static Overlay overlay(Scene scene) {
    return Overlay.of(scene.root().resolve("etc").toString()).upper(BytePath.of(scene.kept()));
  }

  private static Path newDirectory(Scene scene) {
    try {
      return Files.createDirectory(scene.volume().resolve("new-" + COUNT.incrementAndGet()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Puts a directory with the attacker's two names at a path. What was there is moved away: who
   * deleted it here would be attacked himself.
   *
   * @param mode who may do what in the directory; one that is not writable has whoever is not root
   *     make it so
   */
  static void makeNames(Scene scene, Path path, String mode) {
    int number = COUNT.incrementAndGet();
    try {
      Path made = path.resolveSibling("made-" + number);
      Files.createDirectories(made.resolve(WAY));
      for (int i = 0; i < FILES; i++) {
        Files.createFile(made.resolve(WAY).resolve("file-" + i));
      }
      Files.writeString(made.resolve(WAY).resolve("canary"), "nothing");
      Files.setPosixFilePermissions(made.resolve(WAY), PosixFilePermissions.fromString(mode));
      Files.createSymbolicLink(made.resolve(LINK), scene.victim());
      if (Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
        Files.move(path, path.resolveSibling("old-" + number));
      }
      Files.move(made, path);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static List<String> contents(Path directory) {
    try (Stream<Path> all = Files.walk(directory)) {
      return all.filter(path -> Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS))
          .map(Scene::read)
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
