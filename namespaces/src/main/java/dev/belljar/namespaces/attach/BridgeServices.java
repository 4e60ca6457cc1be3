package dev.belljar.namespaces.attach;

import dev.belljar.linux.call.Closing;
import dev.belljar.namespaces.Namespace;
import dev.belljar.namespaces.net.BridgeNetwork;
import dev.belljar.namespaces.net.FirewallRule;
import dev.belljar.namespaces.net.FirewallTable;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;

/**
 * What this JVM does in one network namespace for the bridges that it has containers on: a table of
 * the firewall, which the kernel deletes when the JVM ends. Other JVMs do the same for theirs.
 */
final class BridgeServices implements AutoCloseable {
  private static final Map<Namespace, BridgeServices> ALL = new HashMap<>();

  private final Namespace namespace;
  private final FirewallTable table;
  private final Map<String, Service> services = new LinkedHashMap<>();

  private static final class Service {
    private final List<FirewallRule> rules;
    private int users;

    private Service(List<FirewallRule> rules) {
      this.rules = rules;
    }
  }

  private BridgeServices(Namespace namespace, FirewallTable table) {
    this.namespace = namespace;
    this.table = table;
  }

  /**
   * Begins what a bridge needs, or goes on with it.
   *
   * @return what ends it with its last user
   */
  static AutoCloseable use(HostNetwork host, BridgeNetwork network) {
    synchronized (ALL) {
      BridgeServices here = ALL.get(host.namespace());
      if (here == null) {
        here = open(host.namespace());
        ALL.put(here.namespace, here);
      }
      BridgeServices used = here;
      try {
        used.begin(network);
      } catch (RuntimeException | Error failure) {
        Closing.after(failure, used::closeIfUnused);
        throw failure;
      }
      return () -> used.end(network.name());
    }
  }

  private static BridgeServices open(Namespace host) {
    Namespace namespace = Namespace.open("/proc/self/fd/" + host.descriptor().number());
    try {
      String random = HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextLong());
      return new BridgeServices(namespace, FirewallTable.owned(namespace, "belljar-" + random));
    } catch (RuntimeException | Error failure) {
      Closing.after(failure, namespace);
      throw failure;
    }
  }

  private void begin(BridgeNetwork network) {
    Service service = services.get(network.name());
    if (service == null) {
      service = new Service(rules(network));
      services.put(network.name(), service);
      try {
        setRules();
      } catch (RuntimeException | Error failure) {
        services.remove(network.name());
        throw failure;
      }
    }
    service.users++;
  }

  private static List<FirewallRule> rules(BridgeNetwork network) {
    List<FirewallRule> rules = new ArrayList<>();
    rules.add(new FirewallRule.Isolate(network.name(), Marks.GROUP));
    Bridges.subnets(network)
        .forEach(subnet -> rules.add(new FirewallRule.Masquerade(subnet, network.name())));
    return rules;
  }

  private void setRules() {
    table.set(services.values().stream().flatMap(service -> service.rules.stream()).toList());
  }

  private void end(String name) {
    synchronized (ALL) {
      Service service = services.get(name);
      service.users--;
      if (service.users > 0) {
        return;
      }
      services.remove(name);
      if (services.isEmpty()) {
        closeIfUnused();
      } else {
        setRules();
      }
    }
  }

  private void closeIfUnused() {
    if (services.isEmpty()) {
      ALL.remove(namespace);
      close();
    }
  }

  @Override
  public void close() {
    Closing.all(List.of(table, namespace));
  }
}
