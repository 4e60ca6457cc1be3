package dev.belljar.namespaces.attach;

import dev.belljar.linux.call.Closing;
import dev.belljar.namespaces.Namespace;
import dev.belljar.namespaces.names.KnownNames;
import dev.belljar.namespaces.names.NameServer;
import dev.belljar.namespaces.net.BridgeNetwork;
import dev.belljar.namespaces.net.FirewallRule;
import dev.belljar.namespaces.net.FirewallTable;
import dev.belljar.namespaces.net.IpNetwork;
import dev.belljar.namespaces.net.Link;
import dev.belljar.namespaces.net.NetworkStack;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;

/**
 * What this JVM does in one network namespace for the bridges that it has containers on: a table of
 * the firewall, which the kernel deletes when the JVM ends, and the answers for names. Other JVMs
 * do the same for theirs.
 */
final class BridgeServices implements AutoCloseable {
  private static final Map<Namespace, BridgeServices> ALL = new HashMap<>();

  private final Namespace namespace;
  private final NetworkStack stack;
  private final FirewallTable table;
  private final Owner owner;
  private final Map<String, Service> services = new LinkedHashMap<>();

  private static final class Service {
    private final List<FirewallRule> rules;
    private final List<NameServer> names = new ArrayList<>();
    private int users;

    private Service(List<FirewallRule> rules) {
      this.rules = rules;
    }
  }

  private BridgeServices(
      Namespace namespace, NetworkStack stack, FirewallTable table, Owner owner) {
    this.namespace = namespace;
    this.stack = stack;
    this.table = table;
    this.owner = owner;
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
    Namespace namespace = host.reopen();
    NetworkStack stack = null;
    Owner owner = null;
    try {
      stack = NetworkStack.of(namespace);
      owner = Owner.of(namespace);
      String random = HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextLong());
      FirewallTable table = FirewallTable.owned(namespace, "belljar-" + random);
      return new BridgeServices(namespace, stack, table, owner);
    } catch (RuntimeException | Error failure) {
      Closing.after(failure, owner, stack, namespace);
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

  /**
   * Answers for the names of a bridge's containers, from when it has its addresses on.
   *
   * @throws UncheckedIOException when another program has the port
   */
  static void startNames(HostNetwork host, BridgeNetwork network) {
    synchronized (ALL) {
      BridgeServices here = ALL.get(host.namespace());
      Service service = here.services.get(network.name());
      if (service.names.isEmpty()) {
        KnownNames known = () -> here.ports(network.name());
        for (IpNetwork subnet : Bridges.subnets(network)) {
          service.names.add(NameServer.start(here.namespace, subnet.address(), known));
        }
      }
    }
  }

  /** Which owner this JVM is of the cables in a network where it uses a bridge. */
  static long owner(HostNetwork host) {
    synchronized (ALL) {
      return ALL.get(host.namespace()).owner.number();
    }
  }

  private Map<String, List<InetAddress>> ports(String bridge) {
    Map<String, List<InetAddress>> known = new HashMap<>();
    List<Link> links = stack.links().all();
    links.stream()
        .filter(link -> link.name().equals(bridge))
        .findFirst()
        .ifPresent(found ->
            links.stream()
                .filter(link -> Bridges.isPort(link, found))
                .flatMap(link -> Marks.Port.of(link).stream())
                .filter(port -> !port.name().equals(Marks.UNNAMED) && !port.addresses().isEmpty())
                .forEach(
                    port -> known.put(port.name().toLowerCase(Locale.ROOT), port.addresses())));
    return known;
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
      List<AutoCloseable> work = new ArrayList<>(service.names);
      work.add(services.isEmpty() ? this::closeIfUnused : this::setRules);
      Closing.all(work);
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
    Closing.all(List.of(table, owner, stack, namespace));
  }
}
