package dev.belljar.namespaces.net;

import dev.belljar.linux.netlink.MessageWriter;
import dev.belljar.linux.uapi.Uapi;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.function.Consumer;

/**
 * The expressions of a rule of nf_tables, one after the other: each loads a register, compares one
 * and ends the rule when it differs, or does something.
 *
 * @see <a href="https://wiki.nftables.org/wiki-nftables/index.php/Netlink_messages">nf_tables over
 *     netlink</a>
 */
final class Expressions {
  private static final int VERDICT_CODE = 1; // NFTA_VERDICT_CODE
  private static final int DROP = 0; // NF_DROP
  private static final int SOCKET_KEY = 1; // NFTA_SOCKET_KEY
  private static final int SOCKET_REGISTER = 2; // NFTA_SOCKET_DREG
  private static final int SOCKET_LEVEL = 3; // NFTA_SOCKET_LEVEL
  private static final int SOCKET_CGROUP = 3; // NFT_SOCKET_CGROUPV2
  private static final int NAME_SIZE = 16; // IFNAMSIZ

  private final MessageWriter writer;

  Expressions(MessageWriter writer) {
    this.writer = writer;
  }

  private Expressions add(String name, Consumer<MessageWriter> data) {
    writer.nested(
        Uapi.NFTA_LIST_ELEM(),
        element -> element.text(Uapi.NFTA_EXPR_NAME(), name).nested(Uapi.NFTA_EXPR_DATA(), data));
    return this;
  }

  /** Loads something about the packet into register 1. */
  Expressions meta(int key) {
    return add(
        "meta",
        data ->
            data.big32(Uapi.NFTA_META_KEY(), key).big32(Uapi.NFTA_META_DREG(), Uapi.NFT_REG_1()));
  }

  /** Loads a part of the packet into register 1. */
  Expressions payload(int base, int offset, int length) {
    return add(
        "payload",
        data ->
            data.big32(Uapi.NFTA_PAYLOAD_DREG(), Uapi.NFT_REG_1())
                .big32(Uapi.NFTA_PAYLOAD_BASE(), base)
                .big32(Uapi.NFTA_PAYLOAD_OFFSET(), offset)
                .big32(Uapi.NFTA_PAYLOAD_LEN(), length));
  }

  /** Loads the id of the cgroup that the packet's socket was made in, at a depth of the tree. */
  Expressions socketCgroup(int level) {
    return add(
        "socket",
        data ->
            data.big32(SOCKET_KEY, SOCKET_CGROUP)
                .big32(SOCKET_REGISTER, Uapi.NFT_REG_1())
                .big32(SOCKET_LEVEL, level));
  }

  /** Keeps the bits of register 1 that a network's prefix has. */
  Expressions prefix(IpNetwork network) {
    byte[] mask = new byte[network.address().getAddress().length];
    for (int bit = 0; bit < network.prefix(); bit++) {
      mask[bit / 8] |= (byte) (0x80 >> bit % 8);
    }
    return add(
        "bitwise",
        data ->
            data.big32(Uapi.NFTA_BITWISE_SREG(), Uapi.NFT_REG_1())
                .big32(Uapi.NFTA_BITWISE_DREG(), Uapi.NFT_REG_1())
                .big32(Uapi.NFTA_BITWISE_LEN(), mask.length)
                .nested(
                    Uapi.NFTA_BITWISE_MASK(), value -> value.bytes(Uapi.NFTA_DATA_VALUE(), mask))
                .nested(
                    Uapi.NFTA_BITWISE_XOR(),
                    value -> value.bytes(Uapi.NFTA_DATA_VALUE(), new byte[mask.length])));
  }

  Expressions is(byte... value) {
    return compare(Uapi.NFT_CMP_EQ(), value);
  }

  Expressions isNot(byte... value) {
    return compare(Uapi.NFT_CMP_NEQ(), value);
  }

  private Expressions compare(int operation, byte[] bytes) {
    return add(
        "cmp",
        data ->
            data.big32(Uapi.NFTA_CMP_SREG(), Uapi.NFT_REG_1())
                .big32(Uapi.NFTA_CMP_OP(), operation)
                .nested(Uapi.NFTA_CMP_DATA(), value -> value.bytes(Uapi.NFTA_DATA_VALUE(), bytes)));
  }

  /** Puts a value into a register. */
  Expressions load(int register, byte... bytes) {
    return add(
        "immediate",
        data ->
            data.big32(Uapi.NFTA_IMMEDIATE_DREG(), register)
                .nested(
                    Uapi.NFTA_IMMEDIATE_DATA(),
                    value -> value.bytes(Uapi.NFTA_DATA_VALUE(), bytes)));
  }

  /** Sets something about the packet from register 1. */
  Expressions setMeta(int key) {
    return add(
        "meta",
        data ->
            data.big32(Uapi.NFTA_META_KEY(), key).big32(Uapi.NFTA_META_SREG(), Uapi.NFT_REG_1()));
  }

  Expressions drop() {
    return add(
        "immediate",
        data ->
            data.big32(Uapi.NFTA_IMMEDIATE_DREG(), Uapi.NFT_REG_VERDICT())
                .nested(
                    Uapi.NFTA_IMMEDIATE_DATA(),
                    value ->
                        value.nested(
                            Uapi.NFTA_DATA_VERDICT(),
                            verdict -> verdict.big32(VERDICT_CODE, DROP))));
  }

  Expressions masquerade() {
    return add("masq", _ -> {});
  }

  /** Changes the packet's destination to the address in register 1 and the port in register 2. */
  Expressions changeDestination(int family) {
    return add(
        "nat",
        data ->
            data.big32(Uapi.NFTA_NAT_TYPE(), Uapi.NFT_NAT_DNAT())
                .big32(Uapi.NFTA_NAT_FAMILY(), family)
                .big32(Uapi.NFTA_NAT_REG_ADDR_MIN(), Uapi.NFT_REG_1())
                .big32(Uapi.NFTA_NAT_REG_PROTO_MIN(), Uapi.NFT_REG_2()));
  }

  static byte[] name(String link) {
    return Arrays.copyOf(link.getBytes(StandardCharsets.UTF_8), NAME_SIZE);
  }

  static byte[] number(long value) {
    return ByteBuffer.allocate(4).order(ByteOrder.nativeOrder()).putInt((int) value).array();
  }

  static byte[] longNumber(long value) {
    return ByteBuffer.allocate(8).order(ByteOrder.nativeOrder()).putLong(value).array();
  }

  static byte[] port(int value) {
    return new byte[] {(byte) (value >> 8), (byte) value};
  }
}
