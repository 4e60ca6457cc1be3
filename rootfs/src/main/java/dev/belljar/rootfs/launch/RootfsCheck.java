package dev.belljar.rootfs.launch;

import dev.belljar.linux.BytePath;
import dev.belljar.linux.Descriptor;
import dev.belljar.linux.Finding;
import dev.belljar.linux.LinuxException;
import dev.belljar.linux.MountInfo;
import dev.belljar.linux.call.FileCalls;
import dev.belljar.linux.call.OpenFlags;
import dev.belljar.linux.syscall.Syscall;
import dev.belljar.rootfs.DirectoryRootfs;
import dev.belljar.rootfs.Rootfs;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Looks at a root file system before anything starts, and changes nothing. */
public final class RootfsCheck {
  private RootfsCheck() {}

  /**
   * Looks for what is wrong with the value itself, on this machine.
   *
   * @param rootfs the root file system
   * @return a sentence without a full stop for each mistake; none when it can be used
   */
  public static List<String> mistakes(Rootfs rootfs) {
    return rootfs instanceof DirectoryRootfs directory
        ? mistake(directory.path()).stream().toList()
        : List.of();
  }

  private static Optional<String> mistake(BytePath path) {
    int flags = OpenFlags.O_PATH | OpenFlags.O_DIRECTORY;
    try (Descriptor _ = FileCalls.open(Syscall.AT_FDCWD, path.bytes(), flags, 0)) {
      return Optional.empty();
    } catch (LinuxException e) {
      String what =
          e.error()
              .map(error ->
                  switch (error) {
                    case ENOENT -> "does not exist";
                    case ENOTDIR -> "is not a directory";
                    default -> "cannot be reached: " + e.getMessage();
                  })
              .orElse("cannot be reached: " + e.getMessage());
      return Optional.of("rootfs directory " + path + " " + what);
    }
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
    if (settings.confined()) {
      List<MountInfo> mounts =
          MountInfo.parse(FileCalls.readFile(Syscall.AT_FDCWD, "/proc/self/mountinfo"));
      if (settings.ownPid()) {
        Overmounts.findings("proc", mounts).ifPresent(findings::add);
      }
      if (settings.ownNet()) {
        Overmounts.findings("sysfs", mounts).ifPresent(findings::add);
      }
    }
    if (!settings.ownPid()) {
      findings.add(
          Finding.pitfall(
              "without a PID namespace of its own the container sees the host's processes in"
                  + " /proc"));
    }
    if (settings.confined() && !settings.ownNet()) {
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
