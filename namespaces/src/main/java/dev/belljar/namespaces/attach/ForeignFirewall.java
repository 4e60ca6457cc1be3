package dev.belljar.namespaces.attach;

import dev.belljar.linux.Descriptor;
import dev.belljar.linux.Errno;
import dev.belljar.linux.Finding;
import dev.belljar.linux.LinuxException;
import dev.belljar.linux.call.FileCalls;
import dev.belljar.linux.call.OpenFlags;
import dev.belljar.namespaces.Namespace;
import dev.belljar.namespaces.net.BridgeNetwork;
import dev.belljar.namespaces.net.FirewallTable;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** What somebody else's firewall does to the containers of a bridge. */
final class ForeignFirewall {
  // Without the privilege nobody can look, and without nf_tables there is nothing to see.
  private static final Set<Errno> NOTHING_TO_SEE =
      Set.of(Errno.EPERM, Errno.EOPNOTSUPP, Errno.EPROTONOSUPPORT, Errno.EINVAL);

  private ForeignFirewall() {}

  /** Finds what drops what is forwarded unless a rule says otherwise, or might do so unseen. */
  static List<Finding> findings(BridgeNetwork network) {
    boolean v6 = network.subnet().isV6() || network.subnet6().isPresent();
    try (HostNetwork host = HostNetwork.open(network.host())) {
      List<Finding> found = new ArrayList<>(chains(network, host.namespace(), v6));
      if (isLegacy(host.namespace(), "ip_tables_names")
          || v6 && isLegacy(host.namespace(), "ip6_tables_names")) {
        found.add(
            Finding.pitfall(
                "somebody else's firewall has a filter table of the legacy ip_tables, which is not"
                    + " looked into: if it drops what is forwarded, the containers of "
                    + network.name()
                    + " reach nothing beyond this host"));
      }
      return found;
    } catch (LinuxException e) {
      return nothingOr(e);
    }
  }

  private static List<Finding> chains(BridgeNetwork network, Namespace host, boolean v6) {
    try {
      return FirewallTable.forwardDrops(host, v6).stream()
          .map(chain ->
              Finding.pitfall(
                  "somebody else's firewall chain "
                      + chain
                      + " drops what is forwarded: unless a rule there lets "
                      + network.name()
                      + " pass, its containers reach nothing beyond this host"))
          .toList();
    } catch (LinuxException e) {
      return nothingOr(e);
    }
  }

  private static List<Finding> nothingOr(LinuxException e) {
    if (Errno.of(e.errno()).filter(NOTHING_TO_SEE::contains).isPresent()) {
      return List.of();
    }
    throw e;
  }

  /** Reads the names of the tables, which only root may. */
  private static boolean isLegacy(Namespace host, String file) {
    try (Descriptor names = host.openFile("/proc/thread-self/net/" + file, OpenFlags.O_RDONLY)) {
      return hasFilter(new String(FileCalls.readAll(names.number()), StandardCharsets.US_ASCII));
    } catch (LinuxException e) {
      if (e.is(Errno.ENOENT) || e.is(Errno.EACCES) || e.is(Errno.EPERM)) {
        return false;
      }
      throw e;
    }
  }

  static boolean hasFilter(String names) {
    return names.lines().anyMatch("filter"::equals);
  }
}
