package dev.belljar;

import static dev.belljar.namespaces.NamespaceType.CGROUP;
import static dev.belljar.namespaces.NamespaceType.IPC;
import static dev.belljar.namespaces.NamespaceType.MOUNT;
import static dev.belljar.namespaces.NamespaceType.NET;
import static dev.belljar.namespaces.NamespaceType.PID;
import static dev.belljar.namespaces.NamespaceType.UTS;

import dev.belljar.namespaces.NamespaceType;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** Who makes the mounts. */
enum Who {
  /** The machine's root, without a USER namespace. */
  ROOT,
  /** Anybody, in a USER namespace. */
  USER;

  ContainerBuilder sh(String script, NamespaceType... without) {
    Set<NamespaceType> own = EnumSet.of(PID, MOUNT, UTS, IPC, NET, CGROUP);
    own.removeAll(Arrays.asList(without));
    ContainerBuilder builder =
        ContainerTest.sh(script).namespaces(own.toArray(NamespaceType[]::new));
    return this == USER && Folders.IS_ROOT
        ? builder.namespaces(
            Stream.concat(own.stream(), Stream.of(NamespaceType.USER))
                .toArray(NamespaceType[]::new))
        : builder;
  }

  static List<Who> everybody() {
    return Folders.IS_ROOT ? List.of(values()) : List.of(USER);
  }
}
