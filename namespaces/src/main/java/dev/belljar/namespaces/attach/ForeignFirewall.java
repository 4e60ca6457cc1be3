package dev.belljar.namespaces.attach;

import dev.belljar.linux.Errno;
import dev.belljar.linux.Finding;
import dev.belljar.linux.LinuxException;
import dev.belljar.namespaces.net.BridgeNetwork;
import dev.belljar.namespaces.net.FirewallTable;
import java.util.List;
import java.util.Set;

/** What somebody else's firewall does to the containers of a bridge. */
final class ForeignFirewall {
  // Without the privilege nobody can look, and without nf_tables there is nothing to see.
  private static final Set<Errno> NOTHING_TO_SEE =
      Set.of(Errno.EPERM, Errno.EOPNOTSUPP, Errno.EPROTONOSUPPORT, Errno.EINVAL);

  private ForeignFirewall() {}

  /** Finds the chains that drop what is forwarded unless a rule of theirs says otherwise. */
  static List<Finding> findings(BridgeNetwork network) {
    try (HostNetwork host = HostNetwork.open(network.host())) {
      return FirewallTable.forwardDrops(host.namespace()).stream()
          .map(chain ->
              Finding.pitfall(
                  "somebody else's firewall chain "
                      + chain
                      + " drops what is forwarded: unless a rule there lets "
                      + network.name()
                      + " pass, its containers reach nothing beyond this host"))
          .toList();
    } catch (LinuxException e) {
      if (Errno.of(e.errno()).filter(NOTHING_TO_SEE::contains).isPresent()) {
        return List.of();
      }
      throw e;
    }
  }
}
