package dev.belljar.namespaces.forward;

import dev.belljar.linux.Descriptor;
import dev.belljar.linux.Errno;
import dev.belljar.linux.LinuxException;
import dev.belljar.linux.call.Closing;
import dev.belljar.linux.call.InetCalls;
import dev.belljar.linux.uapi.Uapi;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * A connection that was accepted outside, while it is being made inside. A refusal becomes a reset
 * outside, once a server has been asked for by every family.
 */
final class Connecting extends Waiter implements Ongoing {
  /** When the kernel tries a connection once more; each time it waits twice as long. */
  private static final long FIRST_PAUSE_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final Forwarding forwarding;
  private final Stocks stocks;
  private final int port;
  private final Descriptor outside;
  private InsideSocket inside;
  private Optional<Endpoint> connected = Optional.empty(); // that socket, once it is waited for
  private final Set<Reach> tried = new HashSet<>();
  private boolean isRefused = true;
  private boolean lookedAnew;
  private long result;
  private volatile boolean aborted;

  Connecting(
      Forwarding forwarding, Stocks stocks, int port, Descriptor outside, InsideSocket inside) {
    this.forwarding = forwarding;
    this.stocks = stocks;
    this.port = port;
    this.outside = outside;
    this.inside = inside;
  }

  /** Connects if that can be done at once; else it is to {@linkplain #goOn go on} by itself. */
  boolean now() {
    connect();
    if (result != 0) {
      return false;
    }
    new Relay(forwarding, new Endpoint(outside), new Endpoint(inside.descriptor())).start();
    return true;
  }

  /** Goes on in a thread of its own. */
  void goOn() {
    forwarding.begins(this);
    start();
  }

  private void connect() {
    result = ask();
    if (isBeingMade()) { // what the server answered was put off until the call returned
      result = ask();
    }
  }

  private long ask() {
    return InetCalls.connect(inside.descriptor().number(), inside.reach().to(port));
  }

  private boolean isBeingMade() {
    return result == -Uapi.EINPROGRESS() || result == -Uapi.EALREADY();
  }

  @Override
  public void abort() {
    aborted = true;
    wake();
  }

  @Override
  public void run() {
    try {
      awaitResult();
      for (Optional<SocketStock> other = other(); other.isPresent(); other = other()) {
        close();
        Optional<InsideSocket> another = take(other.get());
        if (another.isPresent()) {
          inside = another.get();
          connect();
          awaitResult();
        }
      }
      if (result == 0 && !aborted) {
        stocks.worked(inside.reach());
        new Relay(forwarding, new Endpoint(outside), connected.orElseThrow()).start();
      } else {
        close();
        refuse();
      }
    } catch (LinuxException e) { // there is no way inside now: who connected is told by the reset
      Closing.after(e, this::close, this::refuse);
    } catch (RuntimeException | Error failure) {
      forwarding.report(failure);
      Closing.after(failure, this::close, this::refuse);
    } finally {
      forwarding.ended(this);
    }
  }

  /** Finds another way in; none when this one is good, or all have been tried. */
  private Optional<SocketStock> other() {
    if (result == 0 || aborted) {
      return Optional.empty();
    }
    tried.add(inside.reach());
    isRefused &= result == -Uapi.ECONNREFUSED();
    List<SocketStock> others = stocks.othersThan(tried);
    if (others.isEmpty() && !isRefused && !lookedAnew) {
      lookedAnew = true;
      stocks.lookAnew(); // the namespace may have lost an address
      others = stocks.othersThan(tried);
    }
    return others.stream().findFirst();
  }

  /** Closes the socket inside, with the watch that the event loop has of it; twice is once. */
  private void close() {
    if (!inside.descriptor().isClosed()) {
      connected.ifPresentOrElse(Endpoint::close, inside::close);
    }
    connected = Optional.empty();
  }

  /** Takes a socket; none when the stock's address is lost. */
  private Optional<InsideSocket> take(SocketStock stock) {
    while (!aborted) {
      try {
        return Optional.of(stock.take());
      } catch (LinuxException e) {
        if (!Forwarding.isShortage(e)) {
          tried.add(stock.reach());
          isRefused = false;
          return Optional.empty();
        }
      }
      forwarding.awaitDescriptors(this);
    }
    return Optional.empty();
  }

  private void awaitResult() {
    Endpoint connecting = new Endpoint(inside.descriptor());
    connected = Optional.of(connecting);
    long pause = FIRST_PAUSE_NANOS;
    while (isBeingMade() && !aborted) {
      aboutToWait();
      connecting.wakeWhenWritable(this);
      if (!aborted && !await(pause)) {
        pause *= 2;
        if (isLost()) {
          result = -Errno.EADDRNOTAVAIL.number();
          return;
        }
      }
      result = ask();
    }
  }

  /**
   * Tells whether the namespace has lost the address that the connection is made from and to. The
   * kernel would go on for two minutes, though no answer can come.
   *
   * @throws LinuxException when there is no way in at all
   */
  private boolean isLost() {
    try {
      stocks.lookAnew();
    } catch (LinuxException e) {
      if (Forwarding.isShortage(e)) {
        return false;
      }
      throw e;
    }
    return !stocks.reaches().contains(inside.reach());
  }

  private void refuse() {
    reset(outside);
  }

  /** Closes a connection outside so that whoever made it sees a reset; twice is once. */
  static void reset(Descriptor outside) {
    if (!outside.isClosed()) {
      Closing.all(List.<AutoCloseable>of(() -> InetCalls.resetOnClose(outside.number()), outside));
    }
  }
}
