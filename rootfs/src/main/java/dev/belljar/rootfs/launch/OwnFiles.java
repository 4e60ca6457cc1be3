package dev.belljar.rootfs.launch;

import dev.belljar.linux.BytePath;
import dev.belljar.rootfs.HostRootfs;
import dev.belljar.rootfs.Mount;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What a container is given without having been asked for, but for where something else was.
 *
 * @param cgroups the hierarchies of control groups to show
 * @param texts small files in place of those of the root file system, which need a {@code /dev} of
 *     the container's own
 */
public record OwnFiles(List<CgroupFiles.View> cgroups, List<Text> texts) {
  /** Nothing. */
  public static final OwnFiles NONE = new OwnFiles(List.of(), List.of());

  /** Copies the lists. */
  public OwnFiles {
    cgroups = List.copyOf(cgroups);
    texts = List.copyOf(texts);
  }

  /**
   * A small file.
   *
   * @param path its absolute path; nothing is placed where the root file system has no such file
   * @param text what is in it, at most 4000 bytes; empty when the JVM writes it into a channel
   */
  public record Text(BytePath path, Optional<String> text) {}

  /** Leaves out what was asked for otherwise: mounted, writable or hidden. */
  OwnFiles besides(RootfsRequest request) {
    List<BytePath> given =
        request.mounts().stream()
            .filter(mount -> !GivenMounts.isKernelFiles(mount))
            .map(Mount::target)
            .toList();
    Stream<BytePath> writable =
        request.rootfs() instanceof HostRootfs host ? host.writable().stream() : Stream.of();
    boolean isCgroupTaken =
        Stream.concat(given.stream(), request.rootfs().hidden().stream())
                .anyMatch(KernelPaths.CGROUP::startsWith)
            || Stream.concat(given.stream(), writable)
                .anyMatch(path -> path.startsWith(KernelPaths.CGROUP));
    return new OwnFiles(
        isCgroupTaken ? List.of() : cgroups,
        texts.stream()
            .filter(text -> request.rootfs().hidden().stream().noneMatch(text.path()::startsWith))
            .filter(text ->
                given.stream()
                    .noneMatch(path -> path.components().equals(text.path().components())))
            .toList());
  }
}
