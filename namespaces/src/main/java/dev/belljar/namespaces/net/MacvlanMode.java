package dev.belljar.namespaces.net;

/**
 * Whom a macvlan link can reach besides the outside; never the link that it sits on.
 *
 * @see <a href="https://man7.org/linux/man-pages/man8/ip-link.8.html">ip-link(8), MACVLAN</a>
 */
public enum MacvlanMode {
  /** No other macvlan of the same parent. */
  PRIVATE(1),
  /** Others of the same parent only by way of a switch outside that sends packets back. */
  VEPA(2),
  /** Others of the same parent directly. */
  BRIDGE(4),
  /** It is the only one and has the parent's hardware address. */
  PASSTHRU(8);

  private final int number;

  MacvlanMode(int number) {
    this.number = number;
  }

  int number() {
    return number;
  }
}
