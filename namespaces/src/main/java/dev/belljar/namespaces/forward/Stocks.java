package dev.belljar.namespaces.forward;

import dev.belljar.linux.LinuxException;
import dev.belljar.linux.call.Closing;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;

/** The sockets made ahead, of the families by which a namespace can be reached. */
final class Stocks implements AutoCloseable {
  private final InsideSockets inside;
  private volatile List<SocketStock> stocks;
  private volatile SocketStock current;
  private boolean closed;

  /**
   * Prepares the namespace to be reached.
   *
   * @throws LinuxException when that is refused
   */
  Stocks(InsideSockets inside) {
    this.inside = inside;
    stocks = inside.reaches().stream().map(reach -> new SocketStock(inside, reach)).toList();
    current = stocks.getFirst();
    try {
      current.begin();
    } catch (RuntimeException | Error failure) {
      Closing.after(failure, this);
      throw failure;
    }
  }

  InsideSockets inside() {
    return inside;
  }

  /** The one by which a server was reached last; IPv4 at first. */
  SocketStock current() {
    return current;
  }

  /** The others, where a server that refuses may listen instead. */
  List<SocketStock> othersThan(Set<Reach> tried) {
    return stocks.stream().filter(stock -> !tried.contains(stock.reach())).toList();
  }

  /** Closes what was made ahead, when descriptors have run out; whether there was any. */
  boolean spare() {
    boolean any = false;
    for (SocketStock stock : stocks) {
      any |= stock.spare();
    }
    return any;
  }

  void worked(Reach reach) {
    if (!current.reach().equals(reach)) {
      stocks.stream()
          .filter(stock -> stock.reach().equals(reach))
          .findFirst()
          .ifPresent(stock -> current = stock);
    }
  }

  /**
   * Looks how the namespace is reached by now: it may have lost an address, or got one.
   *
   * @throws LinuxException when that is refused; all is as before then
   */
  void lookAnew() {
    List<SocketStock> stale;
    synchronized (this) {
      List<Reach> now = inside.reachesNow();
      if (closed || now.equals(reaches())) {
        return;
      }
      List<SocketStock> before = stocks;
      stocks = now.stream().map(reach -> find(before, reach)).toList();
      current = stocks.getFirst();
      stale = before.stream().filter(stock -> !stocks.contains(stock)).toList();
    }
    Closing.all(stale);
  }

  /**
   * Does what needs an address of the namespace, once more when that was refused, by how the
   * namespace is reached by now.
   *
   * @throws LinuxException when descriptors are short, or it is refused again
   */
  <T> T orLookingAnew(Supplier<T> attempt) {
    try {
      return attempt.get();
    } catch (LinuxException e) {
      if (Forwarding.isShortage(e)) {
        throw e;
      }
      lookAnew(); // the namespace may have lost the address
      return attempt.get();
    }
  }

  private SocketStock find(List<SocketStock> among, Reach reach) {
    return among.stream()
        .filter(stock -> stock.reach().equals(reach))
        .findFirst()
        .orElseGet(() -> new SocketStock(inside, reach));
  }

  /** How to reach servers by each family. */
  List<Reach> reaches() {
    return stocks.stream().map(SocketStock::reach).toList();
  }

  @Override
  public void close() {
    synchronized (this) {
      closed = true;
    }
    Closing.all(stocks);
  }
}
