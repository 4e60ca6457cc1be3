package dev.belljar.namespaces.forward;

import dev.belljar.linux.Descriptor;

/**
 * A socket of a namespace that has not been connected yet.
 *
 * @param descriptor the socket
 * @param reach where it is bound to, and what it can be connected to
 */
record InsideSocket(Descriptor descriptor, Reach reach) implements AutoCloseable {
  @Override
  public void close() {
    descriptor.close();
  }
}
