package dev.belljar.namespaces.forward;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belljar.linux.testing.KernelTest;
import dev.belljar.linux.testing.RequiresUserNamespaces;
import dev.belljar.linux.testing.WarmUp;
import dev.belljar.namespaces.testing.TestNet;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The sockets that are made ahead, so that a connection need not wait for one. */
@KernelTest
@RequiresUserNamespaces
class SocketStockTest {
  private static final int MOST = 8;

  @WarmUp
  static void openOnce() {
    for (int i = 0; i < 4; i++) {
      new ForwardedNet().close();
    }
  }

  private static long sockets() {
    try (Stream<Path> all = Files.list(Path.of("/proc/self/fd"))) {
      return all.filter(SocketStockTest::isSocket).count();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static boolean isSocket(Path descriptor) {
    try {
      return Files.readSymbolicLink(descriptor).toString().startsWith("socket:");
    } catch (IOException e) {
      return false; // that of the list itself
    }
  }

  @Test
  void thereIsOneAtFirstAndEightFromTheFirstConnectionOn() {
    try (TestNet net = TestNet.create()) {
      ForwardedNet.loopbackUp(net.namespace());
      InsideSockets inside = new InsideSockets(net.namespace());
      Reach reach = inside.reaches().getFirst();
      try (SocketStock stock = new SocketStock(inside, reach)) {
        long before = sockets();
        stock.begin();
        assertThat(sockets() - before).isEqualTo(1);
        assertThat(stock.spare()).isTrue();
        stock.take().close(); // of eight, as there was none
        assertThat(sockets() - before).isEqualTo(MOST - 1);
      }
    }
  }

  @Test
  void whenDescriptorsAreShortTheyAreGivenUp() {
    try (TestNet net = TestNet.create()) {
      ForwardedNet.loopbackUp(net.namespace());
      long before = sockets();
      try (Stocks stocks = new Stocks(new InsideSockets(net.namespace()))) {
        assertThat(stocks.spare()).isTrue(); // the first one
        stocks.current().take().close();
        assertThat(sockets() - before).isEqualTo(MOST - 1);
        assertThat(stocks.spare()).isTrue();
        assertThat(stocks.spare()).isFalse();
        assertThat(sockets()).isEqualTo(before);
        stocks.current().take().close();
        assertThat(stocks.spare()).isTrue();
      }
    }
  }
}
