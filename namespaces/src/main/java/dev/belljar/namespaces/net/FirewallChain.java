package dev.belljar.namespaces.net;

import dev.belljar.linux.uapi.Uapi;
import java.net.Inet4Address;
import java.util.Locale;

/** The chains of a {@link FirewallTable}, and what each kind of rule is in nf_tables' terms. */
enum FirewallChain {
  FORWARD("filter", 0),
  PREROUTING("nat", -100),
  POSTROUTING("nat", 100),
  CLASSIFY("filter", 0);

  private static final int SOURCE4 = 12;
  private static final int SOURCE6 = 8;
  private static final int TARGET_PORT = 2;
  private static final int AF_IPV4 = 2;
  private static final int AF_IPV6 = 10;

  private final String type;
  private final int priority;

  FirewallChain(String type, int priority) {
    this.type = type;
    this.priority = priority;
  }

  String text() {
    return name().toLowerCase(Locale.ROOT);
  }

  String type() {
    return type;
  }

  int priority() {
    return priority;
  }

  int hook() {
    return switch (this) {
      case FORWARD -> Uapi.NF_INET_FORWARD();
      case PREROUTING -> Uapi.NF_INET_PRE_ROUTING();
      case POSTROUTING -> Uapi.NF_INET_POST_ROUTING();
      case CLASSIFY -> Uapi.NF_INET_LOCAL_OUT(); // later the kernel does not look at sockets
    };
  }

  static FirewallChain of(FirewallRule rule) {
    return switch (rule) {
      case FirewallRule.Isolate _ -> FORWARD;
      case FirewallRule.Masquerade _ -> POSTROUTING;
      case FirewallRule.ForwardPort _ -> PREROUTING;
      case FirewallRule.ClassifyCgroup _, FirewallRule.ClassifyNetClass _ -> CLASSIFY;
    };
  }

  static void write(FirewallRule rule, Expressions to) {
    switch (rule) {
      case FirewallRule.Isolate(String link, long group) ->
          to.meta(Uapi.NFT_META_IIFNAME())
              .is(Expressions.name(link))
              .meta(Uapi.NFT_META_OIFGROUP())
              .is(Expressions.number(group))
              .meta(Uapi.NFT_META_OIFNAME())
              .isNot(Expressions.name(link))
              .drop();
      case FirewallRule.Masquerade(IpNetwork source, String link) ->
          to.meta(Uapi.NFT_META_NFPROTO())
              .is((byte) (source.isV6() ? AF_IPV6 : AF_IPV4))
              .payload(
                  Uapi.NFT_PAYLOAD_NETWORK_HEADER(),
                  source.isV6() ? SOURCE6 : SOURCE4,
                  source.isV6() ? 16 : 4)
              .prefix(source)
              .is(source.network().address().getAddress())
              .meta(Uapi.NFT_META_OIFNAME())
              .isNot(Expressions.name(link))
              .masquerade();
      case FirewallRule.ForwardPort port -> {
        int family = port.address() instanceof Inet4Address ? AF_IPV4 : AF_IPV6;
        to.meta(Uapi.NFT_META_NFPROTO())
            .is((byte) family)
            .meta(Uapi.NFT_META_L4PROTO())
            .is((byte) port.protocol().number())
            .payload(Uapi.NFT_PAYLOAD_TRANSPORT_HEADER(), TARGET_PORT, 2)
            .is(Expressions.port(port.port()))
            .load(Uapi.NFT_REG_1(), port.address().getAddress())
            .load(Uapi.NFT_REG_2(), Expressions.port(port.target()))
            .changeDestination(family);
      }
      case FirewallRule.ClassifyCgroup group ->
          to.socketCgroup(group.level())
              .is(Expressions.longNumber(group.cgroup()))
              .load(Uapi.NFT_REG_1(), Expressions.number(group.traffic().number()))
              .setMeta(Uapi.NFT_META_PRIORITY());
      case FirewallRule.ClassifyNetClass group ->
          to.meta(Uapi.NFT_META_CGROUP())
              .is(Expressions.number(group.netClass()))
              .load(Uapi.NFT_REG_1(), Expressions.number(group.traffic().number()))
              .setMeta(Uapi.NFT_META_PRIORITY());
    }
  }
}
