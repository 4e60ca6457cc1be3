package dev.belljar.namespaces.net;

import dev.belljar.linux.netlink.Attribute;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * What a link has counted since it was made.
 *
 * @param receivedPackets packets that came in
 * @param sentPackets packets that went out
 * @param receivedBytes bytes that came in
 * @param sentBytes bytes that went out
 * @param receiveErrors packets that came in broken
 * @param sendErrors packets that could not be sent
 * @param receiveDrops packets that came in and had no room
 * @param sendDrops packets that had no room to go out
 * @see <a href="https://docs.kernel.org/networking/statistics.html">Interface statistics</a>
 */
public record LinkStatistics(
    long receivedPackets,
    long sentPackets,
    long receivedBytes,
    long sentBytes,
    long receiveErrors,
    long sendErrors,
    long receiveDrops,
    long sendDrops) {
  static final LinkStatistics NONE = new LinkStatistics(0, 0, 0, 0, 0, 0, 0, 0);
  private static final int COUNTERS = 8;

  /** Reads {@code struct rtnl_link_stats64}, which begins with these. */
  static LinkStatistics of(Attribute attribute) {
    MemorySegment memory = attribute.value();
    if (memory.byteSize() < COUNTERS * Long.BYTES) {
      return NONE;
    }
    long[] counter = new long[COUNTERS];
    for (int i = 0; i < COUNTERS; i++) {
      counter[i] = memory.get(ValueLayout.JAVA_LONG_UNALIGNED, (long) i * Long.BYTES);
    }
    return new LinkStatistics(
        counter[0],
        counter[1],
        counter[2],
        counter[3],
        counter[4],
        counter[5],
        counter[6],
        counter[7]);
  }
}
