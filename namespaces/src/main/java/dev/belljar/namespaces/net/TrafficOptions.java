package dev.belljar.namespaces.net;

import dev.belljar.linux.netlink.MessageWriter;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.function.Consumer;

/**
 * What disciplines, classes and filters are made with: the structs of {@code linux/pkt_sched.h} and
 * {@code pkt_cls.h}.
 */
final class TrafficOptions {
  private static final long MOST = 0xffff_ffffL; // rates above are told apart by 64 bits
  private static final long TICK_NANOS = 64;
  private static final long NANOS = 1_000_000_000L;
  private static final byte ETHERNET = 1; // TC_LINKLAYER_ETHERNET: no table of rates is needed
  private static final int LINK_LAYER = 1;
  private static final int RATE = 8;
  private static final int RATE_SPEC = 12;
  private static final long SMALLEST_BURST = 16 << 10;
  private static final long SMALLEST_QUEUE = 64 << 10;
  private static final int TERMINAL = 1; // TC_U32_TERMINAL
  private static final ValueLayout.OfInt BIG =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

  private TrafficOptions() {}

  /** What may leave at once: 20 ms' worth, so that the timer's grain does not cost bandwidth. */
  private static long burst(long rate) {
    return Math.min(Math.max(rate / 50, SMALLEST_BURST), Integer.MAX_VALUE);
  }

  /** What waits at most: 100 ms' worth; what comes on top is dropped. */
  private static long queue(long rate) {
    return Math.min(Math.max(rate / 10, SMALLEST_QUEUE), Integer.MAX_VALUE);
  }

  private static void rate(MemorySegment memory, long offset, long rate) {
    memory.set(ValueLayout.JAVA_BYTE, offset + LINK_LAYER, ETHERNET);
    set(memory, offset + RATE, Math.min(rate, MOST));
  }

  private static void set(MemorySegment memory, long offset, long value) {
    memory.set(ValueLayout.JAVA_INT_UNALIGNED, offset, (int) value);
  }

  private static long ticks(long bytes, long rate) {
    return Math.min((long) ((double) bytes * NANOS / rate / TICK_NANOS), MOST);
  }

  /** {@code TCA_TBF_PARMS}, {@code TCA_TBF_RATE64}, {@code TCA_TBF_BURST}. */
  static Consumer<MessageWriter> tbf(long rate) {
    return options -> {
      options.value(
          1,
          36,
          memory -> { // struct tc_tbf_qopt: rate, peak rate, limit, buffer, mtu
            rate(memory, 0, rate);
            set(memory, 2L * RATE_SPEC, queue(rate));
            set(memory, 2L * RATE_SPEC + 4, ticks(burst(rate), rate));
          });
      if (rate > MOST) {
        options.u64(4, rate);
      }
      options.u32(6, burst(rate));
    };
  }

  /** {@code TCA_HTB_INIT}. */
  static Consumer<MessageWriter> htb(int defaultClass) {
    return options ->
        options.value(
            2,
            20,
            memory -> { // struct tc_htb_glob: version, rate2quantum, defcls, debug, direct_pkts
              set(memory, 0, 3);
              set(memory, 4, 10);
              set(memory, 8, defaultClass);
            });
  }

  /** {@code TCA_HTB_PARMS}, {@code TCA_HTB_RATE64}, {@code TCA_HTB_CEIL64}. */
  static Consumer<MessageWriter> htbClass(long rate, long ceiling) {
    return options -> {
      options.value(
          1,
          44,
          memory -> { // struct tc_htb_opt: rate, ceil, buffer, cbuffer, quantum, level, prio
            rate(memory, 0, rate);
            rate(memory, RATE_SPEC, ceiling);
            set(memory, 2L * RATE_SPEC, ticks(burst(rate), rate));
            set(memory, 2L * RATE_SPEC + 4, ticks(burst(ceiling), ceiling));
          });
      if (rate > MOST) {
        options.u64(6, rate);
      }
      if (ceiling > MOST) {
        options.u64(7, ceiling);
      }
    };
  }

  /** {@code TCA_U32_CLASSID}, {@code TCA_U32_SEL}: a key for each four bytes of the address. */
  static Consumer<MessageWriter> u32(IpNetwork network, int offset, TrafficHandle into) {
    byte[] address = network.network().address().getAddress();
    int keys = (network.prefix() + 31) / 32;
    return options -> {
      options.u32(1, into.number());
      options.value(
          5,
          16 + 16L * keys,
          memory -> { // struct tc_u32_sel, then struct tc_u32_key: mask, val, off, offmask
            memory.set(ValueLayout.JAVA_BYTE, 0, (byte) TERMINAL);
            memory.set(ValueLayout.JAVA_BYTE, 2, (byte) keys);
            for (int i = 0; i < keys; i++) {
              int bits = Math.min(32, network.prefix() - 32 * i);
              memory.set(BIG, 16 + 16L * i, bits == 0 ? 0 : -1 << 32 - bits);
              MemorySegment.copy(address, 4 * i, memory, ValueLayout.JAVA_BYTE, 20 + 16L * i, 4);
              set(memory, 24 + 16L * i, offset + 4L * i);
            }
          });
    };
  }
}
