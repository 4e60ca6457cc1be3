package dev.belljar.namespaces.forward;

import dev.belljar.linux.Descriptor;
import dev.belljar.linux.LinuxException;
import dev.belljar.linux.call.Closing;
import dev.belljar.linux.call.FileCalls;
import dev.belljar.linux.call.InetCalls;
import dev.belljar.linux.syscall.Syscall;
import dev.belljar.linux.uapi.Uapi;
import java.util.List;
import java.util.Optional;

/**
 * Accepts the connections to a published TCP port and continues each inside.
 *
 * <p>The socket inside is there before the connection is accepted: when descriptors have run out,
 * connections wait in the kernel and none is lost.
 */
final class TcpListener extends Waiter implements PublishedPort {
  private final Forwarding forwarding;
  private final Stocks stocks;
  private final Endpoint listener;
  private final Publication publication;
  private Optional<InsideSocket> next = Optional.empty();
  private volatile boolean closed;
  private boolean ended;

  private TcpListener(
      Forwarding forwarding, Stocks stocks, Endpoint listener, Publication publication) {
    this.forwarding = forwarding;
    this.stocks = stocks;
    this.listener = listener;
    this.publication = publication;
  }

  /** Begins to accept. */
  static TcpListener start(
      Forwarding forwarding, Stocks stocks, Descriptor socket, Publication publication) {
    TcpListener listener = new TcpListener(forwarding, stocks, new Endpoint(socket), publication);
    listener.start();
    return listener;
  }

  @Override
  public Publication publication() {
    return publication;
  }

  @Override
  public void run() {
    try {
      while (!closed) {
        if (prepareNext() == Preparation.WANTS_DESCRIPTORS) {
          forwarding.awaitDescriptors(this);
        } else {
          accept();
        }
      }
    } catch (RuntimeException | Error failure) {
      forwarding.report(failure);
    } finally {
      end();
    }
  }

  private enum Preparation {
    READY,
    WANTS_DESCRIPTORS,
    /** There is no way inside now; when somebody connects, that is tried once more. */
    UNREACHABLE
  }

  private Preparation prepareNext() {
    if (next.isPresent()) {
      return Preparation.READY;
    }
    try {
      next = Optional.of(stocks.orLookingAnew(() -> stocks.current().take()));
      return Preparation.READY;
    } catch (LinuxException e) {
      return Forwarding.isShortage(e) ? Preparation.WANTS_DESCRIPTORS : Preparation.UNREACHABLE;
    }
  }

  private void accept() {
    long accepted = InetCalls.accept(listener.fd);
    if (!Syscall.failed(accepted)) {
      goOn(FileCalls.own(accepted));
      return;
    }
    if (accepted == -Uapi.EAGAIN()) {
      aboutToWait();
      listener.wakeWhenReadable(this);
      if (!closed) {
        await();
      }
    } else if (Forwarding.isShortage(accepted) && !stocks.spare()) {
      forwarding.awaitDescriptors(this);
    }
    // Any other error is one of the connection that was to be accepted: the next one may be fine.
  }

  private void goOn(Descriptor outside) {
    Optional<InsideSocket> inside = takeNext();
    if (inside.isEmpty()) {
      Connecting.reset(outside);
      return;
    }
    try {
      connect(outside, inside.get());
    } catch (LinuxException e) { // the kernel does not watch the sockets
      Closing.after(e, inside.get(), () -> Connecting.reset(outside));
    }
  }

  /** Takes what was prepared or, when there was no way inside then, looks whether there is now. */
  private Optional<InsideSocket> takeNext() {
    while (prepareNext() == Preparation.WANTS_DESCRIPTORS && !closed) {
      forwarding.awaitDescriptors(this);
    }
    Optional<InsideSocket> taken = next;
    next = Optional.empty();
    return taken;
  }

  private void connect(Descriptor outside, InsideSocket inside) {
    Connecting connecting =
        new Connecting(forwarding, stocks, publication.containerPort(), outside, inside);
    if (!connecting.now()) {
      connecting.goOn();
    }
  }

  private void end() {
    try {
      Closing.all(List.<AutoCloseable>of(listener, () -> next.ifPresent(InsideSocket::close)));
    } catch (RuntimeException failure) {
      forwarding.report(failure);
    }
    synchronized (this) {
      ended = true;
      notifyAll();
    }
  }

  @Override
  public void close() {
    closed = true;
    wake();
    boolean interrupted = false;
    synchronized (this) {
      while (!ended) {
        try {
          wait();
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
