package dev.belljar.namespaces.names;

import java.net.InetAddress;
import java.util.List;
import java.util.Map;

/** Who is on a bridge right now. */
@FunctionalInterface
public interface KnownNames {
  /**
   * Returns the names, in lower case, with their addresses.
   *
   * @return a snapshot
   */
  Map<String, List<InetAddress>> now();
}
