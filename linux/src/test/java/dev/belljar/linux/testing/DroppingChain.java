package dev.belljar.linux.testing;

import dev.belljar.linux.netlink.MessageWriter;
import dev.belljar.linux.netlink.NetlinkMessage;
import dev.belljar.linux.netlink.NetlinkSocket;
import dev.belljar.linux.uapi.Uapi;
import dev.belljar.linux.uapi.nfgenmsg;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** A chain of a firewall that drops what is forwarded, by its policy or by its last rule. */
final class DroppingChain {
  private static final int DROP = 0; // NF_DROP
  private static final int ACCEPT = 1; // NF_ACCEPT
  private static final int VERDICT_CODE = 1; // NFTA_VERDICT_CODE

  private DroppingChain() {}

  /** Makes one whose policy it is, in the network of the calling thread. */
  static void make(String table, String chain, int family) {
    send(List.of(table(family, table), chain(family, table, chain, DROP)));
  }

  /** Makes one that has such a rule, in the network of the calling thread. */
  static void makeByRule(String table, String chain) {
    int family = Uapi.NFPROTO_INET();
    send(
        List.of(
            table(family, table),
            chain(family, table, chain, ACCEPT),
            change(
                Uapi.NFT_MSG_NEWRULE(),
                family,
                writer ->
                    writer
                        .text(Uapi.NFTA_RULE_TABLE(), table)
                        .text(Uapi.NFTA_RULE_CHAIN(), chain)
                        .nested(Uapi.NFTA_RULE_EXPRESSIONS(), DroppingChain::drop))));
  }

  private static void drop(MessageWriter expressions) {
    expressions.nested(
        Uapi.NFTA_LIST_ELEM(),
        element ->
            element
                .text(Uapi.NFTA_EXPR_NAME(), "immediate")
                .nested(
                    Uapi.NFTA_EXPR_DATA(),
                    data ->
                        data.big32(Uapi.NFTA_IMMEDIATE_DREG(), 0) // NFT_REG_VERDICT
                            .nested(
                                Uapi.NFTA_IMMEDIATE_DATA(),
                                value ->
                                    value.nested(
                                        Uapi.NFTA_DATA_VERDICT(),
                                        verdict -> verdict.big32(VERDICT_CODE, DROP)))));
  }

  private static void send(List<NetlinkMessage> changes) {
    int subsystem = Uapi.NFNL_SUBSYS_NFTABLES();
    List<NetlinkMessage> batch = new ArrayList<>();
    batch.add(message(Uapi.NFNL_MSG_BATCH_BEGIN(), 0, 0, subsystem, _ -> {}));
    batch.addAll(changes);
    batch.add(message(Uapi.NFNL_MSG_BATCH_END(), 0, 0, subsystem, _ -> {}));
    try (NetlinkSocket socket = NetlinkSocket.open(Uapi.NETLINK_NETFILTER())) {
      socket.transaction(batch);
    }
  }

  private static NetlinkMessage table(int family, String table) {
    return change(
        Uapi.NFT_MSG_NEWTABLE(), family, writer -> writer.text(Uapi.NFTA_TABLE_NAME(), table));
  }

  private static NetlinkMessage chain(int family, String table, String chain, int policy) {
    return change(
        Uapi.NFT_MSG_NEWCHAIN(),
        family,
        writer ->
            writer
                .text(Uapi.NFTA_CHAIN_TABLE(), table)
                .text(Uapi.NFTA_CHAIN_NAME(), chain)
                .nested(
                    Uapi.NFTA_CHAIN_HOOK(),
                    hook ->
                        hook.big32(Uapi.NFTA_HOOK_HOOKNUM(), Uapi.NF_INET_FORWARD())
                            .big32(Uapi.NFTA_HOOK_PRIORITY(), 0))
                .big32(Uapi.NFTA_CHAIN_POLICY(), policy)
                .text(Uapi.NFTA_CHAIN_TYPE(), "filter"));
  }

  private static NetlinkMessage change(int type, int family, Consumer<MessageWriter> content) {
    int acknowledged = Uapi.NLM_F_CREATE() | Uapi.NLM_F_ACK();
    return message(Uapi.NFNL_SUBSYS_NFTABLES() << 8 | type, acknowledged, family, 0, content);
  }

  private static NetlinkMessage message(
      int type, int flags, int family, int resource, Consumer<MessageWriter> content) {
    return NetlinkMessage.request(
        "nf_tables " + type,
        type,
        flags,
        writer -> {
          writer.struct(
              nfgenmsg.layout(),
              memory -> {
                nfgenmsg.nfgen_family(memory, (byte) family);
                nfgenmsg.res_id(memory, Short.reverseBytes((short) resource)); // network order
              });
          content.accept(writer);
        });
  }
}
