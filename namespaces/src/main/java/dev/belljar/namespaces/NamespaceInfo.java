package dev.belljar.namespaces;

import dev.belljar.linux.BytePath;
import dev.belljar.linux.LinuxException;
import java.util.List;
import java.util.Optional;

/**
 * A namespace of this machine, as it was when it was looked for.
 *
 * @param type its kind
 * @param inode the number that identifies it among those that live
 * @param processes the processes in it, in the order of their numbers as this JVM sees them; those
 *     that this user may not look into are not known
 * @param files the files it is bound to, as far as they are mounted where this JVM sees them
 */
public record NamespaceInfo(
    NamespaceType type, long inode, List<Long> processes, List<BytePath> files) {
  /** Copies the lists. */
  public NamespaceInfo {
    processes = List.copyOf(processes);
    files = List.copyOf(files);
  }

  /**
   * Opens the namespace.
   *
   * @return the namespace, to be closed; empty when it is gone by now
   * @throws LinuxException when this user may not open it
   */
  public Optional<Namespace> open() {
    for (long process : processes) {
      Optional<Namespace> found = Namespaces.attempt(() -> Namespace.of(process, type), inode);
      if (found.isPresent()) {
        return found;
      }
    }
    for (BytePath file : files) {
      Optional<Namespace> found = Namespaces.attempt(() -> Namespace.open(file), inode);
      if (found.isPresent()) {
        return found;
      }
    }
    return Optional.empty();
  }

  /** Prints it as the kernel does, with the number of its processes. */
  @Override
  public String toString() {
    return "%s:[%d] (%d processes)".formatted(type.fileName(), inode, processes.size());
  }
}
