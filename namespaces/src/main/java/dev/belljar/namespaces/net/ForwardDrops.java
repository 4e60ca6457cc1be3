package dev.belljar.namespaces.net;

import dev.belljar.linux.netlink.Attribute;
import dev.belljar.linux.netlink.Attributes;
import dev.belljar.linux.netlink.NetlinkMessage;
import dev.belljar.linux.uapi.Uapi;
import dev.belljar.linux.uapi.nfgenmsg;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Finds the chains of nf_tables in which forwarded packets end unless a rule with a condition says
 * otherwise.
 *
 * <p>Only chains at the hook itself are judged: those that are jumped to hold for some packets.
 */
final class ForwardDrops {
  private static final int VERDICT_CODE = 1; // NFTA_VERDICT_CODE
  private static final long DROP = 0; // NF_DROP
  private static final long ACCEPT = 1; // NF_ACCEPT
  private static final int TARGET_NAME = 1; // NFTA_TARGET_NAME
  private static final Set<String> WITHOUT_EFFECT = Set.of("counter", "log", "comment");

  private ForwardDrops() {}

  /** A chain, by what makes its name unique. */
  private record Place(int family, String table, String chain) {}

  /** What happens to every packet that gets there. */
  private enum Verdict {
    ACCEPT,
    DROP
  }

  /**
   * Judges chains.
   *
   * @param chains the answers to {@code NFT_MSG_GETCHAIN}
   * @param rules the answers to {@code NFT_MSG_GETRULE}, in their order
   * @param v6 whether chains of IPv6 alone count, too
   * @return those that drop, as {@code table/chain}
   */
  static List<String> find(List<NetlinkMessage> chains, List<NetlinkMessage> rules, boolean v6) {
    return chains.stream()
        .filter(chain -> isIp(chain, v6) && isAtForward(attributes(chain)))
        .filter(chain ->
            rules.stream()
                    .filter(rule -> rule(rule).equals(chain(chain)))
                    .map(rule -> verdict(attributes(rule)))
                    .flatMap(Optional::stream)
                    .findFirst()
                    .orElseGet(() -> policy(attributes(chain)))
                == Verdict.DROP)
        .map(ForwardDrops::chain)
        .map(place -> place.table() + "/" + place.chain())
        .toList();
  }

  private static Attributes attributes(NetlinkMessage message) {
    return message.attributes(nfgenmsg.sizeof());
  }

  private static int family(NetlinkMessage message) {
    return nfgenmsg.nfgen_family(message.body()) & 0xff;
  }

  // The hook has the same number for bridges and ARP, whose packets are others.
  private static boolean isIp(NetlinkMessage chain, boolean v6) {
    int family = family(chain);
    return family == Uapi.NFPROTO_INET()
        || family == Uapi.NFPROTO_IPV4()
        || v6 && family == Uapi.NFPROTO_IPV6();
  }

  private static boolean isAtForward(Attributes chain) {
    return chain
        .nested(Uapi.NFTA_CHAIN_HOOK())
        .get(Uapi.NFTA_HOOK_HOOKNUM())
        .filter(hook -> hook.big32() == Uapi.NF_INET_FORWARD())
        .isPresent();
  }

  private static Place chain(NetlinkMessage chain) {
    return place(chain, Uapi.NFTA_CHAIN_TABLE(), Uapi.NFTA_CHAIN_NAME());
  }

  private static Place rule(NetlinkMessage rule) {
    return place(rule, Uapi.NFTA_RULE_TABLE(), Uapi.NFTA_RULE_CHAIN());
  }

  private static Place place(NetlinkMessage message, int table, int chain) {
    Attributes attributes = attributes(message);
    return new Place(
        family(message),
        attributes.get(table).map(Attribute::text).orElse(""),
        attributes.get(chain).map(Attribute::text).orElse(""));
  }

  private static Verdict policy(Attributes chain) {
    return chain.get(Uapi.NFTA_CHAIN_POLICY()).filter(policy -> policy.big32() == DROP).isPresent()
        ? Verdict.DROP
        : Verdict.ACCEPT;
  }

  /** What a rule does to every packet; empty when it does so to some, or nothing. */
  private static Optional<Verdict> verdict(Attributes rule) {
    List<Attributes> expressions =
        rule.nested(Uapi.NFTA_RULE_EXPRESSIONS()).all().stream()
            .map(Attribute::nested)
            .filter(expression -> !WITHOUT_EFFECT.contains(name(expression)))
            .toList();
    return expressions.size() == 1 ? ofExpression(expressions.getFirst()) : Optional.empty();
  }

  private static String name(Attributes expression) {
    return expression.get(Uapi.NFTA_EXPR_NAME()).map(Attribute::text).orElse("");
  }

  private static Optional<Verdict> ofExpression(Attributes expression) {
    Attributes data = expression.nested(Uapi.NFTA_EXPR_DATA());
    return switch (name(expression)) {
      case "reject" -> Optional.of(Verdict.DROP);
      case "target" -> // of iptables-nft
          data.get(TARGET_NAME)
              .filter(target -> target.text().equals("REJECT"))
              .map(_ -> Verdict.DROP);
      case "immediate" ->
          data.nested(Uapi.NFTA_IMMEDIATE_DATA())
              .nested(Uapi.NFTA_DATA_VERDICT())
              .get(VERDICT_CODE)
              .flatMap(ForwardDrops::ofCode);
      default -> Optional.empty();
    };
  }

  private static Optional<Verdict> ofCode(Attribute code) {
    if (code.big32() == DROP) {
      return Optional.of(Verdict.DROP);
    }
    return code.big32() == ACCEPT ? Optional.of(Verdict.ACCEPT) : Optional.empty(); // a jump
  }
}
