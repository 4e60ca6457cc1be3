package dev.belljar.linux.testing;

import dev.belljar.linux.netlink.MessageWriter;
import dev.belljar.linux.netlink.NetlinkMessage;
import dev.belljar.linux.netlink.NetlinkSocket;
import dev.belljar.linux.uapi.Uapi;
import dev.belljar.linux.uapi.nfgenmsg;
import java.util.List;
import java.util.function.Consumer;

/** A chain of a firewall whose policy is to drop what is forwarded. */
final class DroppingChain {
  private static final int DROP = 0; // NF_DROP

  private DroppingChain() {}

  /** Makes it in the network of the calling thread. */
  static void make(String table, String chain) {
    int acknowledged = Uapi.NLM_F_CREATE() | Uapi.NLM_F_ACK();
    int subsystem = Uapi.NFNL_SUBSYS_NFTABLES();
    try (NetlinkSocket socket = NetlinkSocket.open(Uapi.NETLINK_NETFILTER())) {
      socket.transaction(
          List.of(
              message(Uapi.NFNL_MSG_BATCH_BEGIN(), 0, 0, subsystem, _ -> {}),
              message(
                  subsystem << 8 | Uapi.NFT_MSG_NEWTABLE(),
                  acknowledged,
                  Uapi.NFPROTO_INET(),
                  0,
                  writer -> writer.text(Uapi.NFTA_TABLE_NAME(), table)),
              message(
                  subsystem << 8 | Uapi.NFT_MSG_NEWCHAIN(),
                  acknowledged,
                  Uapi.NFPROTO_INET(),
                  0,
                  writer -> chain(writer, table, chain)),
              message(Uapi.NFNL_MSG_BATCH_END(), 0, 0, subsystem, _ -> {})));
    }
  }

  private static void chain(MessageWriter writer, String table, String chain) {
    writer
        .text(Uapi.NFTA_CHAIN_TABLE(), table)
        .text(Uapi.NFTA_CHAIN_NAME(), chain)
        .nested(
            Uapi.NFTA_CHAIN_HOOK(),
            hook ->
                hook.big32(Uapi.NFTA_HOOK_HOOKNUM(), Uapi.NF_INET_FORWARD())
                    .big32(Uapi.NFTA_HOOK_PRIORITY(), 0))
        .big32(Uapi.NFTA_CHAIN_POLICY(), DROP)
        .text(Uapi.NFTA_CHAIN_TYPE(), "filter");
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
