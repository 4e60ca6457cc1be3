package dev.belljar.namespaces.net;

import dev.belljar.linux.Errno;
import dev.belljar.linux.LinuxException;
import dev.belljar.linux.call.Closing;
import dev.belljar.linux.netlink.Attribute;
import dev.belljar.linux.netlink.Attributes;
import dev.belljar.linux.netlink.MessageWriter;
import dev.belljar.linux.netlink.NetlinkMessage;
import dev.belljar.linux.netlink.NetlinkSocket;
import dev.belljar.linux.uapi.Uapi;
import dev.belljar.linux.uapi.nfgenmsg;
import dev.belljar.namespaces.Namespace;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;

/**
 * A table of nf_tables in a network namespace, with rules for forwarded, translated and classified
 * packets.
 *
 * <p>An {@linkplain #owned owned} table belongs to its socket: nobody else can change it, and the
 * kernel deletes it when that is closed, be it by the end of the JVM. A {@linkplain #marked marked}
 * one stays until it is {@linkplain #delete deleted}.
 *
 * {@snippet :
 * try (FirewallTable table = FirewallTable.owned(namespace, "lab")) {
 *   table.set(List.of(new FirewallRule.Masquerade(IpNetwork.parse("10.1.0.0/24"), "br0")));
 * }
 * }
 *
 * @see <a href="https://man7.org/linux/man-pages/man8/nft.8.html">nft(8)</a>
 */
public final class FirewallTable implements AutoCloseable {
  private static final byte[] MARK = "belljar".getBytes(StandardCharsets.US_ASCII);

  private final NetlinkSocket socket;
  private final String name;

  private FirewallTable(NetlinkSocket socket, String name) {
    this.socket = socket;
    this.name = name;
  }

  /**
   * Makes a table that lives as long as this object.
   *
   * @param namespace a NET namespace, which need not stay open
   * @param name the table's name, of which there is none yet
   * @return the table, without rules
   * @throws LinuxException EEXIST when there is one of that name, EOPNOTSUPP when the kernel has no
   *     nf_tables, EPERM without CAP_NET_ADMIN
   */
  public static FirewallTable owned(Namespace namespace, String name) {
    return make(
        namespace, name, table -> table.big32(Uapi.NFTA_TABLE_FLAGS(), Uapi.NFT_TABLE_F_OWNER()));
  }

  /**
   * Makes a table that stays, marked as this library's.
   *
   * @param namespace a NET namespace, which need not stay open
   * @param name the table's name, of which there is none yet
   * @return the table, without rules; closing it only closes its socket
   * @throws LinuxException as for {@link #owned}
   */
  public static FirewallTable marked(Namespace namespace, String name) {
    return make(namespace, name, table -> table.bytes(Uapi.NFTA_TABLE_USERDATA(), MARK));
  }

  private static FirewallTable make(
      Namespace namespace, String name, Consumer<MessageWriter> settings) {
    FirewallTable table = open(namespace, name);
    try {
      List<NetlinkMessage> batch = new ArrayList<>();
      batch.add(
          message(
              "NEWTABLE " + name,
              Uapi.NFT_MSG_NEWTABLE(),
              Uapi.NLM_F_CREATE() | Uapi.NLM_F_EXCL(),
              writer -> settings.accept(writer.text(Uapi.NFTA_TABLE_NAME(), name))));
      for (FirewallChain chain : FirewallChain.values()) {
        batch.add(table.newChain(chain));
      }
      table.commit(batch);
      return table;
    } catch (RuntimeException | Error failure) {
      Closing.after(failure, table);
      throw failure;
    }
  }

  private static FirewallTable open(Namespace namespace, String name) {
    return new FirewallTable(
        NetlinkSocket.on(NetworkStack.socket(namespace, Uapi.NETLINK_NETFILTER())), name);
  }

  /**
   * Deletes a marked table.
   *
   * @param namespace a NET namespace
   * @param name its name
   * @throws LinuxException ENOENT when there is none
   */
  public static void delete(Namespace namespace, String name) {
    try (FirewallTable table = open(namespace, name)) {
      table.commit(
          List.of(
              message(
                  "DELTABLE " + name,
                  Uapi.NFT_MSG_DELTABLE(),
                  0,
                  writer -> writer.text(Uapi.NFTA_TABLE_NAME(), name))));
    }
  }

  /**
   * Lists the marked tables.
   *
   * @param namespace a NET namespace
   * @return their names
   * @throws LinuxException when the kernel refuses
   */
  public static List<String> markedTables(Namespace namespace) {
    try (FirewallTable any = open(namespace, "")) {
      return any.dump("GETTABLE", Uapi.NFT_MSG_GETTABLE()).stream()
          .filter(table ->
              table
                  .get(Uapi.NFTA_TABLE_USERDATA())
                  .filter(mark -> Arrays.equals(mark.bytes(), MARK))
                  .isPresent())
          .map(table -> table.get(Uapi.NFTA_TABLE_NAME()).map(Attribute::text).orElse(""))
          .toList();
    }
  }

  /**
   * Finds who drops forwarded packets unless told otherwise, so that containers reach nobody beyond
   * the host: by the policy of a chain, or by a rule at its end that holds for every packet. Chains
   * of IPv4, of IPv6 and of both are looked at, not those of bridged frames or ARP. What the legacy
   * ip_tables do is not seen.
   *
   * @param namespace a NET namespace
   * @return the chains, as {@code table/chain}
   * @throws LinuxException when the kernel refuses
   */
  public static List<String> forwardDrops(Namespace namespace) {
    return forwardDrops(namespace, true);
  }

  /**
   * Finds who drops forwarded packets; see {@link #forwardDrops(Namespace)}.
   *
   * @param namespace a NET namespace
   * @param v6 whether chains of IPv6 alone count, too
   * @return the chains, as {@code table/chain}
   * @throws LinuxException when the kernel refuses
   */
  public static List<String> forwardDrops(Namespace namespace, boolean v6) {
    try (FirewallTable any = open(namespace, "")) {
      return ForwardDrops.find(
          any.messages("GETCHAIN", Uapi.NFT_MSG_GETCHAIN()),
          any.messages("GETRULE", Uapi.NFT_MSG_GETRULE()),
          v6);
    }
  }

  private List<NetlinkMessage> messages(String text, int type) {
    return socket.dump(message(text, type, 0, _ -> {}, 0));
  }

  private List<Attributes> dump(String text, int type) {
    return messages(text, type).stream()
        .map(message -> message.attributes(nfgenmsg.sizeof()))
        .toList();
  }

  /**
   * Sets the rules, in place of those there were: all at once, so that no packet sees a half.
   *
   * @param rules the rules
   * @throws LinuxException when the kernel refuses, ENOENT when it lacks what a rule needs; the
   *     rules are as before then
   */
  public void set(List<FirewallRule> rules) {
    List<NetlinkMessage> batch = new ArrayList<>();
    for (FirewallChain chain : FirewallChain.values()) {
      batch.add(
          message(
              "DELRULE " + name + " " + chain.text(),
              Uapi.NFT_MSG_DELRULE(),
              0,
              writer ->
                  writer
                      .text(Uapi.NFTA_RULE_TABLE(), name)
                      .text(Uapi.NFTA_RULE_CHAIN(), chain.text())));
    }
    rules.forEach(rule -> batch.add(newRule(rule)));
    commit(batch);
  }

  private NetlinkMessage newChain(FirewallChain chain) {
    return message(
        "NEWCHAIN " + name + " " + chain.text(),
        Uapi.NFT_MSG_NEWCHAIN(),
        Uapi.NLM_F_CREATE(),
        writer ->
            writer
                .text(Uapi.NFTA_CHAIN_TABLE(), name)
                .text(Uapi.NFTA_CHAIN_NAME(), chain.text())
                .nested(
                    Uapi.NFTA_CHAIN_HOOK(),
                    hook ->
                        hook.big32(Uapi.NFTA_HOOK_HOOKNUM(), chain.hook())
                            .big32(Uapi.NFTA_HOOK_PRIORITY(), chain.priority()))
                .text(Uapi.NFTA_CHAIN_TYPE(), chain.type()));
  }

  private NetlinkMessage newRule(FirewallRule rule) {
    FirewallChain chain = FirewallChain.of(rule);
    return message(
        "NEWRULE " + name + " " + rule,
        Uapi.NFT_MSG_NEWRULE(),
        Uapi.NLM_F_CREATE() | Uapi.NLM_F_APPEND(),
        writer ->
            writer
                .text(Uapi.NFTA_RULE_TABLE(), name)
                .text(Uapi.NFTA_RULE_CHAIN(), chain.text())
                .nested(
                    Uapi.NFTA_RULE_EXPRESSIONS(),
                    list -> FirewallChain.write(rule, new Expressions(list))));
  }

  private void commit(List<NetlinkMessage> changes) {
    List<NetlinkMessage> batch = new ArrayList<>();
    batch.add(border("BATCH_BEGIN", Uapi.NFNL_MSG_BATCH_BEGIN()));
    batch.addAll(changes);
    batch.add(border("BATCH_END", Uapi.NFNL_MSG_BATCH_END()));
    try {
      socket.transaction(batch);
    } catch (LinuxException e) {
      throw e.is(Errno.EOPNOTSUPP) || e.is(Errno.EPROTONOSUPPORT)
          ? e.withRemedy("this kernel has no nf_tables, or its module is not loaded")
          : e;
    }
  }

  private static NetlinkMessage border(String text, int type) {
    return NetlinkMessage.request(
        text, type, 0, writer -> header(writer, 0, Uapi.NFNL_SUBSYS_NFTABLES()));
  }

  private static NetlinkMessage message(
      String text, int type, int flags, Consumer<MessageWriter> content) {
    return message(text, type, flags | Uapi.NLM_F_ACK(), content, Uapi.NFPROTO_INET());
  }

  private static NetlinkMessage message(
      String text, int type, int flags, Consumer<MessageWriter> content, int family) {
    return NetlinkMessage.request(
        "NFT_MSG_" + text,
        Uapi.NFNL_SUBSYS_NFTABLES() << 8 | type,
        flags,
        writer -> {
          header(writer, family, 0);
          content.accept(writer);
        });
  }

  private static void header(MessageWriter writer, int family, int resource) {
    writer.struct(
        nfgenmsg.layout(),
        memory -> {
          nfgenmsg.nfgen_family(memory, (byte) family);
          nfgenmsg.res_id(memory, Short.reverseBytes((short) resource)); // in network order
        });
  }

  /** Closes the socket, and with it deletes an owned table. */
  @Override
  public void close() {
    socket.close();
  }
}
