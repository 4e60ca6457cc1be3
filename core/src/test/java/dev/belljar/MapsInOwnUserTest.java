package dev.belljar;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belljar.linux.IdMap;
import dev.belljar.linux.testing.Effort;
import dev.belljar.linux.testing.OtherJvm;
import dev.belljar.linux.testing.RequiresRoot;
import dev.belljar.linux.testing.RequiresTool;
import dev.belljar.linux.testing.RequiresUserNamespaces;
import dev.belljar.namespaces.NamespaceSet;
import dev.belljar.namespaces.NamespaceType;
import dev.belljar.namespaces.NewNamespaces;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Owners shown through a map by an ordinary user: by a JVM that is root of a USER namespace of its
 * own, and of file systems that were mounted there; see docs/mounts.md.
 */
@RequiresTool({"unshare", "nsenter"})
@RequiresUserNamespaces
class MapsInOwnUserTest extends ContainerTest {
  /** File systems in the USER: in memory, an overlay of it, and others. */
  private static final String MOUNTS =
      """
      mount -t tmpfs none /mnt
      mkdir /mnt/tmpfs /mnt/overlay /mnt/lower /mnt/upper /mnt/work /mnt/ramfs /mnt/devpts
      mount -t tmpfs none /mnt/tmpfs
      echo x > /mnt/tmpfs/file
      mount -t ramfs none /mnt/ramfs
      mount -t devpts -o newinstance none /mnt/devpts
      mount -t overlay -o lowerdir=/mnt/lower,upperdir=/mnt/upper,workdir=/mnt/work,userxattr \
        none /mnt/overlay
      exec "$@"
      """;

  private static final String OF_ONE_ID =
      "exec unshare --user --map-root-user --mount sh -c '" + MOUNTS + "' sh \"$@\"";

  /** Its root is no user with rights of the host's, but has an id for others. */
  private static String inUser(NamespaceSet made) {
    return "exec nsenter --user=/proc/%d/fd/%d --setuid 0 --setgid 0 unshare --mount sh -c '%s' sh \"$@\""
        .formatted(
            ProcessHandle.current().pid(),
            made.get(NamespaceType.USER).descriptor().number(),
            MOUNTS);
  }

  /** Linux 6.3 and later. */
  private static boolean mapsInMemory() {
    List<Integer> version =
        Stream.of(System.getProperty("os.version").split("\\D+")).map(Integer::valueOf).toList();
    return version.get(0) > 6 || version.get(0) == 6 && version.get(1) >= 3;
  }

  @Test
  void theKernelMapsInMemoryOnlyAndNothingOfTheHosts() {
    try (OtherJvm jvm = OtherJvm.start(OF_ONE_ID, MapsOwners.class)) {
      boolean isNew = mapsInMemory();
      assertThat(jvm.ask("kernel /mnt/tmpfs")).containsExactly(isNew ? "mapped" : "EINVAL");
      for (String other : List.of("ramfs", "devpts", "overlay")) {
        assertThat(jvm.ask("kernel /mnt/" + other)).as(other).containsExactly("EINVAL");
      }
      assertThat(jvm.ask("kernel /dev/shm")).containsExactly(isNew ? "EPERM" : "EINVAL");
      jvm.end();
    }
  }

  @Test
  void whatIsOfTheHostIsAnErrorBeforeTheStart() {
    Effort.assumeNotEmulated();
    try (OtherJvm jvm = OtherJvm.start(OF_ONE_ID, MapsOwners.class)) {
      boolean isNew = mapsInMemory();
      for (String kind : List.of("bind", "container", "overlay")) {
        String failure = jvm.failureOf(kind + " /dev/shm");
        if (isNew) {
          assertThat(failure)
              .startsWith("java.lang.UnsupportedOperationException")
              .contains("owners of /dev/shm can be shown through a map only by root of the USER");
        } else {
          cannotBeMapped(failure, "/dev/shm");
        }
      }
      jvm.end();
    }
  }

  private static void cannotBeMapped(String failure, String path) {
    assertThat(failure)
        .startsWith("dev.belljar.ContainerException")
        .contains("mapping the owners of " + path)
        .contains("tmpfs can since Linux 6.3");
  }

  @Test
  @RequiresRoot
  void whatIsOfTheUserIsMapped() {
    try (NamespaceSet made =
            NewNamespaces.of(NamespaceType.USER).idMap(IdMap.of(0, 100_000, 65_536)).create();
        OtherJvm jvm = OtherJvm.start(inUser(made), MapsOwners.class)) {
      if (mapsInMemory()) {
        assertThat(jvm.ask("bind /mnt/tmpfs 7")).containsExactly("7:7");
        assertThat(jvm.ask("container /mnt/tmpfs 7")).containsExactly("0:0", "0");
        assertThat(jvm.ask("overlay /mnt/tmpfs 7")).containsExactly("7:7");
      } else {
        cannotBeMapped(jvm.failureOf("bind /mnt/tmpfs 7"), "/mnt/tmpfs");
      }
      jvm.end();
    }
  }
}
