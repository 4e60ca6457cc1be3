package dev.belljar;

import dev.belljar.linux.Descriptor;
import dev.belljar.linux.IdMap;
import dev.belljar.linux.LinuxException;
import dev.belljar.linux.call.MountCalls;
import dev.belljar.linux.testing.OtherJvm;
import dev.belljar.namespaces.NamespaceSet;
import dev.belljar.namespaces.NamespaceType;
import dev.belljar.namespaces.NewNamespaces;
import dev.belljar.rootfs.Mount;
import dev.belljar.rootfs.Overlay;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** A JVM that is root of a USER namespace, and shows owners of files through maps. */
final class MapsOwners {
  private static final String LOOK = "stat -c %u:%g /tmp/m/file";

  private MapsOwners() {}

  /** Answers what the owners of a file in a mapped mount are, or whether the kernel maps it. */
  public static void main(String[] arguments) {
    OtherJvm.serve(words -> answer(words.getFirst(), words.get(1), map(words)));
    Belljar.shutdown();
  }

  private static List<String> answer(String what, String path, IdMap map) {
    return switch (what) {
      case "kernel" -> List.of(byTheKernel(path));
      case "bind" -> seen(ContainerTest.sh(LOOK).mount(Mount.bind(path, "/tmp/m").mapped(map)));
      case "container" ->
          seen(
              ContainerTest.sh(LOOK + "; echo > /tmp/m/made; stat -c %u /tmp/m/made")
                  .idMap(map)
                  .mount(Mount.bind(path, "/tmp/m").mappedAsContainer()));
      case "overlay" ->
          seen(
              ContainerTest.sh(LOOK)
                  .mount(Mount.overlay(Overlay.of(path).mapped(map).readOnly(), "/tmp/m")));
      default -> throw new IllegalArgumentException(what);
    };
  }

  /** Root of the file system is seen as an id of this JVM's USER. */
  private static IdMap map(List<String> words) {
    return IdMap.of(0, words.size() > 2 ? Long.parseLong(words.get(2)) : 0, 1);
  }

  private static List<String> seen(ContainerBuilder builder) {
    return Outcome.of(builder).output().lines().toList();
  }

  private static String byTheKernel(String path) {
    try (NamespaceSet made =
            NewNamespaces.of(NamespaceType.USER).idMap(IdMap.of(0, 0, 1)).create();
        Descriptor tree = MountCalls.copy(path.getBytes(StandardCharsets.UTF_8), false)) {
      MountCalls.mapIds(tree.number(), made.get(NamespaceType.USER).descriptor().number());
      return "mapped";
    } catch (LinuxException e) {
      return e.error().orElseThrow().name();
    }
  }
}
