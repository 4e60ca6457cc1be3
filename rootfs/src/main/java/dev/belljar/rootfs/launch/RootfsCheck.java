package dev.belljar.rootfs.launch;

import dev.belljar.linux.BytePath;
import dev.belljar.linux.Descriptor;
import dev.belljar.linux.Finding;
import dev.belljar.linux.LinuxException;
import dev.belljar.linux.MountInfo;
import dev.belljar.linux.call.FileCalls;
import dev.belljar.linux.call.OpenFlags;
import dev.belljar.linux.syscall.Syscall;
import dev.belljar.rootfs.BindMount;
import dev.belljar.rootfs.Device;
import dev.belljar.rootfs.DirectoryRootfs;
import dev.belljar.rootfs.EmptyRootfs;
import dev.belljar.rootfs.HostRootfs;
import dev.belljar.rootfs.KeptRootfs;
import dev.belljar.rootfs.Mount;
import dev.belljar.rootfs.NewMount;
import dev.belljar.rootfs.Overlay;
import dev.belljar.rootfs.OverlayMount;
import dev.belljar.rootfs.OverlayRootfs;
import dev.belljar.rootfs.Rootfs;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Looks at a root file system before anything starts, and changes nothing. */
public final class RootfsCheck {
  private static final int LONGEST_OPTION = 255;

  private RootfsCheck() {}

  /**
   * Looks for what is wrong with the value itself, on this machine.
   *
   * @param rootfs the root file system
   * @return a sentence without a full stop for each mistake; none when it can be used
   */
  public static List<String> mistakes(Rootfs rootfs) {
    List<String> found = new ArrayList<>();
    switch (rootfs) {
      case HostRootfs host -> {
        host.writable()
            .forEach(path ->
                inFile("writable path", path)
                    .or(() -> because("writable path", path, KernelPaths.mistake(path)))
                    .ifPresent(found::add));
        host.scratch()
            .forEach(path ->
                inDirectory("scratch path", path)
                    .or(() -> because("scratch path", path, KernelPaths.withoutVersions(path)))
                    .ifPresent(found::add));
      }
      case DirectoryRootfs directory ->
          inDirectory("rootfs directory", directory.path()).ifPresent(found::add);
      case OverlayRootfs layers -> found.addAll(inLayers(layers.overlay()));
      case EmptyRootfs _, KeptRootfs _ -> {}
    }
    return found;
  }

  private static Optional<String> because(String what, BytePath path, Optional<String> reason) {
    return reason.map(why -> what + " " + path + ": " + why);
  }

  /**
   * Looks for what is wrong with mounts and settings themselves, on this machine.
   *
   * @param mounts the mounts
   * @param sysctls the settings of the kernel
   * @return a sentence without a full stop for each mistake; none when they can be used
   */
  public static List<String> mistakes(List<Mount> mounts, Map<String, String> sysctls) {
    List<String> found = new ArrayList<>();
    for (Mount mount : mounts) {
      if (!GivenMounts.isKernelFiles(mount)) {
        MountTargets.mistake(mount.target()).ifPresent(found::add);
      }
      switch (mount) {
        case BindMount bind -> inSource(bind).ifPresent(found::add);
        case OverlayMount overlay -> found.addAll(inLayers(overlay.overlay()));
        case NewMount made ->
            made.options().data().stream()
                .filter(word -> word.length() > LONGEST_OPTION)
                .map(word ->
                    "option %s for %s is longer than the 255 bytes the kernel takes"
                        .formatted(word, made.target()))
                .forEach(found::add);
      }
    }
    sysctls.forEach((name, value) -> Sysctls.mistake(name, value).ifPresent(found::add));
    return found;
  }

  /**
   * Looks for what is wrong with devices.
   *
   * @param devices the devices
   * @param rootfs the root file system they are to be in
   * @return a sentence without a full stop for each mistake; none when they can be used
   */
  public static List<String> mistakes(List<Device> devices, Rootfs rootfs) {
    List<String> found = new ArrayList<>();
    if (!devices.isEmpty() && rootfs instanceof DirectoryRootfs tree && tree.procOnly()) {
      found.add("devices need a /dev of the container's own, which withProcOnly() leaves out");
    }
    for (int i = 0; i < devices.size(); i++) {
      Device device = devices.get(i);
      DeviceFiles.mistake(device).ifPresent(found::add);
      for (Device other : devices.subList(0, i)) {
        if (device.path().startsWith(other.path()) || other.path().startsWith(device.path())) {
          found.add("devices %s and %s are in each other's place".formatted(other, device));
        }
      }
    }
    return found;
  }

  /**
   * Looks for settings of the kernel that would be the host's.
   *
   * @param sysctls the settings of the kernel
   * @param own the container's own namespaces, as {@code CLONE_NEW*} flags
   * @return a sentence without a full stop for each mistake
   */
  public static List<String> namespacesMissing(Map<String, String> sysctls, long own) {
    return sysctls.keySet().stream()
        .filter(name -> Sysctls.namespace(name).filter(kind -> (own & kind) == 0).isPresent())
        .map(name ->
            "sysctl %s needs %s among the namespaces"
                .formatted(name, name.startsWith("net.") ? "NET" : "IPC"))
        .toList();
  }

  private static boolean hasUpperInMemory(RootfsRequest request) {
    boolean inRoot =
        switch (request.rootfs()) {
          case HostRootfs host -> !host.scratch().isEmpty();
          case OverlayRootfs layers -> isInMemory(layers.overlay());
          case KeptRootfs kept -> kept.writable();
          case DirectoryRootfs _, EmptyRootfs _ -> false;
        };
    return inRoot
        || request.mounts().stream()
            .anyMatch(mount ->
                switch (mount) {
                  case OverlayMount overlay -> isInMemory(overlay.overlay());
                  case NewMount made -> made.copiesUp();
                  case BindMount _ -> false;
                });
  }

  private static boolean isInMemory(Overlay overlay) {
    return overlay.writable() && overlay.upper().isEmpty();
  }

  private static List<String> inLayers(Overlay overlay) {
    List<String> found = new ArrayList<>();
    overlay.lower().forEach(path -> inDirectory("lower directory", path).ifPresent(found::add));
    overlay.upper().ifPresent(path -> inDirectory("upper folder", path).ifPresent(found::add));
    return found;
  }

  private static Optional<String> inDirectory(String what, BytePath path) {
    return mistake(what, path, OpenFlags.O_PATH | OpenFlags.O_DIRECTORY);
  }

  private static Optional<String> inFile(String what, BytePath path) {
    return mistake(what, path, OpenFlags.O_PATH);
  }

  // What is in a base can be something else at the start: it is looked up then, and only then.
  private static Optional<String> inSource(BindMount bind) {
    return bind.base().isPresent()
        ? inDirectory("base of a bind source", bind.base().get())
        : inFile("bind source", bind.source());
  }

  private static Optional<String> mistake(String what, BytePath path, int flags) {
    try (Descriptor _ = FileCalls.open(Syscall.AT_FDCWD, path.bytes(), flags, 0)) {
      return Optional.empty();
    } catch (LinuxException e) {
      String why =
          e.error()
              .map(error ->
                  switch (error) {
                    case ENOENT -> "does not exist";
                    case ENOTDIR -> "is not a directory";
                    default -> "cannot be reached: " + e.getMessage();
                  })
              .orElse("cannot be reached: " + e.getMessage());
      return Optional.of(what + " " + path + " " + why);
    }
  }

  /**
   * Tells what of a request this machine cannot do, or not for this user.
   *
   * @param request what was asked for
   * @param settings what its mounts depend on
   * @return a sentence without a full stop for each
   * @throws LinuxException when this JVM's mounts cannot be read
   */
  public static List<String> impossible(RootfsRequest request, RootfsSettings settings) {
    List<String> found = new ArrayList<>();
    for (Mount mount : request.mounts()) {
      switch (mount) {
        case NewMount made -> MountRules.impossible(made, settings).ifPresent(found::add);
        case BindMount bind -> found.addAll(MountRules.impossible(bind, settings));
        case OverlayMount overlay ->
            found.addAll(MountRules.impossible(overlay.overlay(), settings));
      }
    }
    if (request.rootfs() instanceof OverlayRootfs layers) {
      found.addAll(MountRules.impossible(layers.overlay(), settings));
    }
    if (request.rootfs() instanceof DirectoryRootfs directory && directory.writable()) {
      MountRules.readOnly(directory.path())
          .map(mistake -> mistake + "; Rootfs.directory(...).readOnly() can be used")
          .ifPresent(found::add);
    }
    if (request.rootfs() instanceof HostRootfs host) {
      for (BytePath path : host.writable()) {
        MountRules.readOnly(path).ifPresent(found::add);
      }
    }
    if (settings.confined()) {
      request.devices().forEach(device -> inHost(device).ifPresent(found::add));
    }
    if (settings.confined() && hasUpperInMemory(request) && !MemoryAttributes.supported()) {
      found.add(
          "an overlay whose changes are thrown away needs Linux 6.6 in a user namespace, where file"
              + " systems in memory have attributes: give it an upper folder on a disk");
    }
    return found;
  }

  private static Optional<String> inHost(Device device) {
    String what = "device " + device + ": its source";
    return mistake(what, device.source(), OpenFlags.O_PATH)
        .map(mistake -> "in a user namespace no device can be made, and " + mistake);
  }

  /**
   * Tells what is different from what a person may expect.
   *
   * @param request what was asked for
   * @param settings what its mounts depend on
   * @return the findings, most serious first
   * @throws LinuxException when this JVM's mounts cannot be read
   */
  public static List<Finding> findings(RootfsRequest request, RootfsSettings settings) {
    List<Finding> findings = new ArrayList<>(findings(request.rootfs(), settings));
    if (settings.confined()
        && request.rootfs() instanceof HostRootfs host
        && !host.scratch().isEmpty()) {
      findings.add(
          Finding.pitfall(
              "in a user namespace what belongs to users it does not map cannot be changed, not"
                  + " even where it would be thrown away"));
    }
    if (settings.confined() && !request.devices().isEmpty()) {
      findings.add(
          Finding.pitfall(
              "in a user namespace devices are the host's own nodes, with the owner and permissions"
                  + " they have there"));
    }
    if (request.plainChroot()) {
      findings.add(
          Finding.pitfall(
              "with plainChroot() the host's root stays below the container's: whoever may unmount,"
                  + " or has a descriptor of the host, gets there"));
    }
    return findings;
  }

  /**
   * Tells what is different from what a person may expect.
   *
   * @param rootfs the root file system
   * @param settings what its mounts depend on
   * @return the findings, most serious first
   * @throws LinuxException when this JVM's mounts cannot be read
   */
  public static List<Finding> findings(Rootfs rootfs, RootfsSettings settings) {
    List<Finding> findings = new ArrayList<>();
    boolean hasSys = !(rootfs instanceof DirectoryRootfs directory && directory.procOnly());
    if (settings.confined()) {
      List<MountInfo> mounts =
          MountInfo.parse(FileCalls.readFile(Syscall.AT_FDCWD, "/proc/self/mountinfo"));
      if (settings.ownPid()) {
        Overmounts.findings("proc", mounts).ifPresent(findings::add);
      }
      if (settings.ownNet() && hasSys) {
        Overmounts.findings("sysfs", mounts).ifPresent(findings::add);
      }
    }
    if (!settings.ownPid()) {
      findings.add(
          Finding.pitfall(
              "without a PID namespace of its own the container sees the host's processes in"
                  + " /proc"));
    }
    if (hasSys && settings.confined() && !settings.ownNet()) {
      findings.add(
          Finding.pitfall(
              "without a NET namespace of its own a container of an ordinary user has the host's"
                  + " /sys, read-only"));
    }
    if (rootfs instanceof DirectoryRootfs directory
        && directory.writable()
        && directory.path().components().isEmpty()) {
      findings.add(
          Finding.pitfall(
              "the container can change all of the machine's files; Rootfs.host() is read-only"));
    }
    return findings;
  }
}
