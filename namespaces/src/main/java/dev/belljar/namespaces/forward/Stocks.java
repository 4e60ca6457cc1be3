package dev.belljar.namespaces.forward;

import dev.belljar.linux.call.Closing;
import java.util.ArrayList;
import java.util.List;

/** The sockets made ahead, of the families by which a namespace can be reached. */
final class Stocks implements AutoCloseable {
  private final InsideSockets inside;
  private final List<SocketStock> stocks = new ArrayList<>();
  private volatile int current;

  /**
   * Prepares the namespace to be reached.
   *
   * @throws dev.belljar.linux.LinuxException when that is refused
   */
  Stocks(InsideSockets inside) {
    this.inside = inside;
    inside.reaches().forEach(reach -> stocks.add(new SocketStock(inside, reach)));
    try {
      stocks.getFirst().begin();
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
    return stocks.get(current);
  }

  /** The others, where a server that refuses may listen instead. */
  List<SocketStock> othersThan(Reach tried) {
    return stocks.stream().filter(stock -> !stock.reach().equals(tried)).toList();
  }

  void worked(Reach reach) {
    current = reaches().indexOf(reach);
  }

  /** How to reach servers by each family. */
  List<Reach> reaches() {
    return stocks.stream().map(SocketStock::reach).toList();
  }

  @Override
  public void close() {
    Closing.all(stocks);
  }
}
