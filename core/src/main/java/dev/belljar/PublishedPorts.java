package dev.belljar;

import dev.belljar.linux.call.Closing;
import dev.belljar.namespaces.Namespace;
import dev.belljar.namespaces.forward.BoundPort;
import dev.belljar.namespaces.forward.PortForwarder;
import dev.belljar.namespaces.forward.Publication;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * A container's published ports: taken before there is a process, forwarded when there is, given
 * free when it has ended.
 */
final class PublishedPorts implements AutoCloseable {
  private final List<BoundPort> bound = new ArrayList<>();
  private Optional<PortForwarder> forwarder = Optional.empty();
  private boolean closed;

  private PublishedPorts() {}

  /**
   * Takes the host's ports.
   *
   * @throws dev.belljar.linux.LinuxException when one is taken, or not for this user; none is kept
   */
  static PublishedPorts take(List<Publication> wanted) {
    PublishedPorts ports = new PublishedPorts();
    try {
      for (Publication each : wanted) {
        ports.bound.add(BoundPort.bind(each));
      }
      return ports;
    } catch (RuntimeException | Error failure) {
      Closing.after(failure, ports);
      throw failure;
    }
  }

  /** Begins to forward what was taken. */
  synchronized void forward(Supplier<Namespace> net) {
    if (!bound.isEmpty()) {
      bound.forEach(forwarder(net)::publish);
    }
  }

  /** Publishes one more. */
  synchronized Publication publish(Publication wanted, Supplier<Namespace> net) {
    return forwarder(net).publish(wanted);
  }

  synchronized PortForwarder forwarder(Supplier<Namespace> net) {
    if (closed) {
      throw new IllegalStateException("the container has ended");
    }
    if (forwarder.isEmpty()) {
      try (Namespace namespace = net.get()) {
        forwarder = Optional.of(PortForwarder.open(namespace));
      }
    }
    return forwarder.get();
  }

  synchronized List<Publication> publications() {
    return forwarder.filter(_ -> !closed).map(PortForwarder::publications).orElse(List.of());
  }

  @Override
  public synchronized void close() {
    closed = true;
    List<AutoCloseable> all = new ArrayList<>(bound);
    forwarder.ifPresent(all::add);
    Closing.all(all);
  }
}
