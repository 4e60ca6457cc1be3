package dev.belljar;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belljar.linux.BytePath;
import dev.belljar.linux.IdMap;
import dev.belljar.linux.testing.MakesMounts;
import dev.belljar.linux.testing.OtherJvm;
import dev.belljar.linux.testing.RequiresRoot;
import dev.belljar.linux.testing.RequiresTool;
import dev.belljar.linux.testing.RequiresUserNamespaces;
import dev.belljar.namespaces.NamespaceType;
import dev.belljar.namespaces.SubordinateIds;
import dev.belljar.rootfs.Mount;
import dev.belljar.rootfs.Overlay;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/** What an ordinary user's containers leave of files whose ids he was granted, but has not got. */
@MakesMounts
@RequiresUserNamespaces
@RequiresTool({"newuidmap", "newgidmap"})
class SubordinateFilesTest extends ContainerTest {
  private static final int USER = 54_321;
  private static final String INSIDE =
      "cd /tmp/o && rm gone && mkdir -p d/e && echo x > d/e/f && ln -s f d/e/l && echo 2 > d/s &&"
          + " chown -hR 5:6 d && chmod 4700 d/s && chmod 600 d/e/f && chmod 700 d/e && chmod 500 d";

  /** Says what it saw, a line for each thing; the last word of the question is its folder. */
  public static void main(String[] arguments) {
    OtherJvm.serve(words -> {
      try {
        return all(Path.of(words.getLast()), SubordinateIds.map().orElseThrow());
      } catch (Exception e) {
        throw new IllegalStateException(e);
      }
    });
  }

  private static List<String> all(Path dir, IdMap map) throws Exception {
    Path lower = Files.createDirectory(dir.resolve("lower"));
    Path kept = Files.createDirectory(dir.resolve("kept"));
    Path copy = Files.createDirectory(dir.resolve("copy"));
    Files.writeString(lower.resolve("gone"), "");
    Files.writeString(copy.resolve("gone"), "");
    Overlay overlay = Overlay.of(lower.toString()).upper(BytePath.of(kept));
    List<String> lines = new ArrayList<>();
    lines.add(run(inOwn(map, INSIDE, Mount.overlay(overlay, "/tmp/o"))).output());
    overlay.changes().list().forEach(change -> lines.add(change.toString()));
    overlay.changes().applyTo(BytePath.of(copy));
    String look = "cd /tmp/o && find * | sort | xargs stat -c '%n %F %a %u:%g' && cat d/e/f";
    lines.addAll(
        run(inOwn(map, look, Mount.bind(copy.toString(), "/tmp/o"))).output().lines().toList());
    overlay.delete();
    lines.add("left " + count(kept));
    run(inOwn(map, "rm -r /tmp/o/d", Mount.bind(copy.toString(), "/tmp/o")));
    lines.add("left " + count(copy));
    Belljar.shutdown();
    return lines;
  }

  private static long count(Path folder) throws IOException {
    try (var files = Files.list(folder)) {
      return files.count();
    }
  }

  private static ContainerBuilder inOwn(IdMap map, String script, Mount mount) {
    return sh(script)
        .namespaces(NamespaceType.USER, NamespaceType.MOUNT, NamespaceType.PID)
        .idMap(map)
        .mount(mount);
  }

  private static void areSeenExportedAndDeleted(List<String> lines) {
    assertThat(lines)
        .containsExactly(
            "",
            "ADDED d",
            "ADDED d/e",
            "ADDED d/e/f",
            "ADDED d/e/l",
            "ADDED d/s",
            "DELETED gone",
            "d directory 500 5:6",
            "d/e directory 700 5:6",
            "d/e/f regular file 600 5:6",
            "d/e/l symbolic link 777 5:6",
            "d/s regular file 4700 5:6",
            "x",
            "left 0",
            "left 0");
  }

  @Test
  void filesOfSubordinateIdsAreToldExportedAndDeletedAsTheSameUser() throws Exception {
    Optional<IdMap> map = SubordinateIds.map();
    Assumptions.assumeTrue(
        !Folders.IS_ROOT && map.isPresent(), "needs an ordinary user with subordinate ids");
    Path dir = Folders.forUpper("subordinate");
    try {
      areSeenExportedAndDeleted(all(dir, map.get()));
    } finally {
      Folders.delete(dir);
    }
  }

  /** The ids are granted in a mount namespace of the other JVM alone. */
  @Test
  @RequiresRoot
  @RequiresTool({"unshare", "setpriv", "mount", "newuidmap", "newgidmap"})
  void soTheyAreWhereOnlyAnotherJvmIsAnOrdinaryUser() throws Exception {
    for (String file : List.of("/etc/subuid", "/etc/subgid")) {
      Assumptions.assumeTrue(Files.isRegularFile(Path.of(file)), "needs " + file);
    }
    Path dir = Folders.forUpper("subordinate");
    Assumptions.assumeTrue(Folders.hasAttributes(dir), "needs user attributes");
    Path etc = Files.createTempDirectory("etc");
    try {
      Files.setAttribute(etc, "posix:permissions", PosixFilePermissions.fromString("rwxr-xr-x"));
      Files.setAttribute(dir, "unix:uid", USER);
      String user = "belljar:x:%1$d:%1$d::/:/bin/sh\n".formatted(USER);
      Files.writeString(etc.resolve("passwd"), Files.readString(Path.of("/etc/passwd")) + user);
      for (String file : List.of("subuid", "subgid")) {
        Files.writeString(etc.resolve(file), "belljar:700000:65536\n");
      }
      String script =
          """
          exec unshare -m sh -c 'cd %s && for f in *; do mount --bind $f /etc/$f || exit; done
            cd / && exec setpriv --reuid %2$d --regid %2$d --clear-groups "$@"' sh "$@"
          """
              .formatted(etc, USER);
      try (OtherJvm jvm = OtherJvm.start(script, SubordinateFilesTest.class)) {
        areSeenExportedAndDeleted(jvm.ask("all " + dir));
        jvm.end();
      }
    } finally {
      Folders.delete(dir);
      Folders.delete(etc);
    }
  }
}
