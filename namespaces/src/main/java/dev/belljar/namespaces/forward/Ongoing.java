package dev.belljar.namespaces.forward;

/** What a forwarder has going on and ends when it is closed. */
interface Ongoing {
  /** Makes it end soon; it says so when it has. */
  void abort();
}
