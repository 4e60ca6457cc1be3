package dev.belljar.namespaces.attach;

import dev.belljar.linux.LinuxException;
import dev.belljar.namespaces.Namespace;
import java.util.List;
import java.util.Optional;

/**
 * Removes what killed JVMs left in a network: bridges that no container is on, and the cables of
 * containers whose network outlives them, with their addresses. The rules of the firewall are gone
 * by then, since the kernel removes them with the JVM.
 */
public final class Sweep {
  private Sweep() {}

  /**
   * Deletes the bridges of this library that no container of a living JVM is on.
   *
   * @param namespace a NET namespace
   * @return the names of those that were deleted
   * @throws LinuxException when the kernel refuses
   */
  public static List<String> of(Namespace namespace) {
    try (HostNetwork host = HostNetwork.open(Optional.of(namespace))) {
      return new Bridges(host).sweep();
    }
  }

  /**
   * Deletes those in this JVM's own network.
   *
   * @return the names of those that were deleted
   * @throws LinuxException when the kernel refuses
   */
  public static List<String> here() {
    try (HostNetwork host = HostNetwork.open(Optional.empty())) {
      return new Bridges(host).sweep();
    }
  }
}
