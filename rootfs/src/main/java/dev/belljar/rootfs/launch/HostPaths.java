package dev.belljar.rootfs.launch;

import dev.belljar.linux.BytePath;
import dev.belljar.linux.Descriptor;
import dev.belljar.linux.LinuxException;
import dev.belljar.linux.call.FileCalls;
import dev.belljar.linux.call.NodeCalls;
import dev.belljar.linux.call.OpenFlags;
import dev.belljar.linux.call.RootedCalls;
import dev.belljar.linux.syscall.Syscall;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** Where paths of the host lead, once their symbolic links have been followed. */
final class HostPaths {
  private HostPaths() {}

  /** Where a path leads; itself where nothing is there, or this user may not look. */
  static BytePath resolved(BytePath path) {
    return resolved(path, Optional.empty()).orElse(path);
  }

  /**
   * Where a path leads.
   *
   * @param path the path
   * @param base the directory in which it is looked up as if that were the root directory
   * @return the path from the root of this JVM, without links; empty when it cannot be told
   */
  static Optional<BytePath> resolved(BytePath path, Optional<BytePath> base) {
    try (Descriptor open = open(path, base)) {
      byte[] name = ("/proc/self/fd/" + open.number()).getBytes(StandardCharsets.US_ASCII);
      return Optional.of(BytePath.ofBytes(NodeCalls.readLink(Syscall.AT_FDCWD, name)));
    } catch (LinuxException e) {
      return Optional.empty();
    }
  }

  private static Descriptor open(BytePath path, Optional<BytePath> base) {
    return base.isPresent()
        ? RootedCalls.open(base.get().bytes(), path.bytes(), OpenFlags.O_PATH)
        : FileCalls.open(Syscall.AT_FDCWD, path.bytes(), OpenFlags.O_PATH, 0);
  }
}
