package dev.belljar.rootfs.launch;

import dev.belljar.linux.BytePath;
import dev.belljar.linux.Descriptor;
import dev.belljar.linux.LinuxException;
import dev.belljar.linux.call.AttributeCalls;
import dev.belljar.linux.call.FileCalls;
import dev.belljar.linux.call.OpenFlags;
import dev.belljar.linux.syscall.Syscall;
import dev.belljar.rootfs.BindMount;
import dev.belljar.rootfs.MountAttribute;
import dev.belljar.rootfs.MountIds;
import dev.belljar.rootfs.MountTable;
import dev.belljar.rootfs.NewMount;
import dev.belljar.rootfs.Overlay;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/**
 * Which mounts the kernel allows to whom: the table in docs/mounts.md.
 *
 * <p>In a user namespace a file system that shows a namespace can be mounted only by who has
 * privilege over that one, so the container needs its own.
 */
final class MountRules {
  /** Those that are marked in the kernel as safe to be mounted in a user namespace. */
  private static final Set<String> FOR_EVERYBODY =
      Set.of(
          "proc",
          "sysfs",
          "mqueue",
          "cgroup",
          "cgroup2",
          "devpts",
          "tmpfs",
          "ramfs",
          "overlay",
          "fuse",
          "binfmt_misc");

  private MountRules() {}

  static Optional<String> impossible(NewMount mount, RootfsSettings settings) {
    if (!settings.confined()) {
      return Optional.empty();
    }
    return switch (mount.type()) {
      case "proc" -> needs(settings.ownPid(), mount, "PID");
      case "sysfs" -> needs(settings.ownNet(), mount, "NET");
      case "mqueue" -> needs(settings.ownIpc(), mount, "IPC");
      case "cgroup", "cgroup2" -> needs(settings.ownCgroup(), mount, "CGROUP");
      default ->
          FOR_EVERYBODY.contains(mount.type())
              ? Optional.empty()
              : Optional.of(
                  "the kernel lets nobody mount the type %s in a user namespace, on %s: mount it on the host and bind it"
                      .formatted(mount.type(), mount.target()));
    };
  }

  private static Optional<String> needs(boolean own, NewMount mount, String namespace) {
    return own
        ? Optional.empty()
        : Optional.of(
            "in a user namespace %s on %s needs an own %s namespace"
                .formatted(mount.type(), mount.target(), namespace));
  }

  static List<String> impossible(BindMount bind, RootfsSettings settings) {
    List<String> found = new ArrayList<>();
    if (bind.options().cleared().contains(MountAttribute.RDONLY)) {
      HostPaths.resolved(bind.source(), bind.base())
          .flatMap(path -> readOnly(bind.source(), path))
          .ifPresent(found::add);
    }
    needsUser(bind.ids(), bind.source(), settings).ifPresent(found::add);
    needsOwner(bind.ids(), bind.source(), () -> RootfsSources.copy(bind)).ifPresent(found::add);
    return found;
  }

  static List<String> impossible(Overlay overlay, RootfsSettings settings) {
    List<String> found = new ArrayList<>();
    BytePath first = overlay.lower().getFirst();
    needsUser(overlay.ids(), first, settings).ifPresent(found::add);
    OverlayStage.layers(overlay).stream()
        .flatMap(
            layer -> needsOwner(overlay.ids(), layer, () -> RootfsSources.copy(layer)).stream())
        .findFirst()
        .ifPresent(found::add);
    if (settings.confined() && overlay.writable()) {
      overlay
          .upper()
          .filter(folder -> !hasUserAttributes(folder))
          .map(folder ->
              "the upper folder %s is on a file system without attributes of users, in which an overlay of a user namespace notes what was deleted: give it one on a disk (in memory there are some since Linux 6.6)"
                  .formatted(folder))
          .ifPresent(found::add);
    }
    return found;
  }

  /** Such an overlay can be mounted without them, and then fails at some operations. */
  private static boolean hasUserAttributes(BytePath folder) {
    int flags = OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY;
    try (Descriptor open = FileCalls.open(Syscall.AT_FDCWD, folder.bytes(), flags, 0)) {
      return AttributeCalls.supports(open.number(), "user.overlay.x");
    } catch (LinuxException e) {
      return true; // a failure is explained where it happens
    }
  }

  // It is the JVM that maps.
  private static Optional<String> needsOwner(
      Optional<MountIds> ids, BytePath source, Supplier<Descriptor> copy) {
    return ids.filter(_ -> !FileSystemOwner.isThisJvm(copy))
        .map(_ ->
            "the owners of %s can be shown through a map only by root of the USER namespace in which its file system was mounted"
                .formatted(source));
  }

  private static Optional<String> needsUser(
      Optional<MountIds> ids, BytePath source, RootfsSettings settings) {
    return ids.filter(MountIds.OfContainer.class::isInstance)
        .filter(_ -> !settings.confined())
        .map(_ -> "mappedAsContainer of " + source + " needs USER among the namespaces");
  }

  /** Tells that a path is on a mount that is read-only for everybody, which nobody changes here. */
  static Optional<String> readOnly(BytePath path) {
    return readOnly(path, HostPaths.resolved(path));
  }

  private static Optional<String> readOnly(BytePath path, BytePath resolved) {
    return MountTable.current()
        .containing(resolved)
        .filter(mount -> mount.hasOption("ro") || mount.hasSuperOption("ro"))
        .map(mount ->
            "%s cannot be writable: it is mounted read-only on the host, at %s"
                .formatted(path, mount.mountPoint()));
  }
}
