package dev.belljar.namespaces.forward;

/** What a published port speaks. */
public enum Protocol {
  /** Streams; tcp(7). */
  TCP,
  /** Datagrams; udp(7). */
  UDP
}
