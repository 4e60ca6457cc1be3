package dev.belljar.namespaces.forward;

/** A port of the host that is being forwarded. */
interface PublishedPort extends AutoCloseable {
  /** What it forwards, with the port that was chosen. */
  Publication publication();

  /** Stops listening, and waits until its descriptors are closed. */
  @Override
  void close();
}
