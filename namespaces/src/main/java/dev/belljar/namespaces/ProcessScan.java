package dev.belljar.namespaces;

import dev.belljar.linux.Descriptor;
import dev.belljar.linux.LinuxException;
import dev.belljar.linux.call.DirectoryCalls;
import dev.belljar.linux.call.FileStatus;
import dev.belljar.linux.syscall.Syscall;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Looks through {@code /proc} for the namespaces that processes are in. */
final class ProcessScan implements AutoCloseable {
  private final Descriptor proc = DirectoryCalls.open(Syscall.AT_FDCWD, "/proc");

  /** What tells a namespace from all others that live. */
  record Identity(long device, long inode) {}

  /** Returns the processes there are, in the order of their numbers. */
  List<Long> processes() {
    List<Long> processes = new ArrayList<>();
    for (DirectoryCalls.Entry entry : DirectoryCalls.list(proc.number())) {
      String name = new String(entry.name(), StandardCharsets.US_ASCII);
      if (name.chars().allMatch(c -> c >= '0' && c <= '9')) {
        processes.add(Long.valueOf(name));
      }
    }
    return processes.stream().sorted().toList();
  }

  /** Returns a namespace of a process; empty when it has ended or may not be looked into. */
  Optional<Identity> namespace(long process, NamespaceType type) {
    try {
      FileStatus status = FileStatus.at(proc.number(), process + "/ns/" + type.fileName());
      return Optional.of(new Identity(status.device(), status.inode()));
    } catch (LinuxException goneOrClosed) {
      return Optional.empty();
    }
  }

  /** Returns the processes that are in a namespace. */
  List<Long> in(NamespaceType type, Identity identity) {
    return processes().stream()
        .filter(process -> namespace(process, type).filter(identity::equals).isPresent())
        .toList();
  }

  @Override
  public void close() {
    proc.close();
  }
}
