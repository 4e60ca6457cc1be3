package dev.belljar.namespaces.forward;

import dev.belljar.linux.call.Closing;
import dev.belljar.linux.call.InetCalls;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/** A connection outside and its continuation inside, with a flow for each direction. */
final class Relay implements Ongoing {
  private final Forwarding forwarding;
  private final Endpoint outside;
  private final Endpoint inside;
  private final Flow inward;
  private final Flow outward;
  private final AtomicInteger running = new AtomicInteger(2);
  private volatile boolean aborted;

  Relay(Forwarding forwarding, Endpoint outside, Endpoint inside) {
    this.forwarding = forwarding;
    this.outside = outside;
    this.inside = inside;
    this.inward = new Flow(this, outside, inside);
    this.outward = new Flow(this, inside, outside);
    outside.onError(this::wakeBoth);
    inside.onError(this::wakeBoth);
  }

  void start() {
    forwarding.begins(this);
    inward.start();
    outward.start();
  }

  PipePool pipes() {
    return forwarding.pipes();
  }

  CopyBuffers buffers() {
    return forwarding.buffers();
  }

  boolean isAborted() {
    return aborted;
  }

  /** Ends the connection on both sides with a reset. */
  @Override
  public void abort() {
    aborted = true;
    wakeBoth();
  }

  private void wakeBoth() {
    inward.wake();
    outward.wake();
  }

  void failed(Throwable failure) {
    forwarding.report(failure);
    abort();
  }

  private Flow reader(Endpoint endpoint) {
    return endpoint.equals(outside) ? inward : outward;
  }

  boolean isReaderFinished(Endpoint endpoint) {
    return reader(endpoint).isFinished();
  }

  void wakeReader(Endpoint failed) {
    if (isReaderFinished(failed)) {
      abort();
    } else {
      reader(failed).wake();
    }
  }

  /** Goes on watching for resets what nobody reads from any more. */
  void finishedOne(Endpoint source) {
    if (!reader(source.equals(outside) ? inside : outside).isFinished()) {
      source.watchForErrors();
    }
  }

  /** Closes the sockets when the second flow has ended: their numbers are in use until then. */
  void ended(Flow flow) {
    if (!flow.isFinished() && !aborted) {
      wakeBoth();
    }
    if (running.decrementAndGet() > 0) {
      return;
    }
    boolean complete = inward.isFinished() && outward.isFinished() && !aborted;
    try {
      Closing.all(List.of(() -> close(outside, complete), () -> close(inside, complete)));
    } catch (RuntimeException failure) {
      forwarding.report(failure);
    } finally {
      forwarding.ended(this);
    }
  }

  private static void close(Endpoint endpoint, boolean complete) {
    try (endpoint) {
      if (!complete) {
        InetCalls.resetOnClose(endpoint.fd);
      }
    }
  }
}
