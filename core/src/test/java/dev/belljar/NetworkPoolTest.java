package dev.belljar;

import static dev.belljar.namespaces.NamespaceType.IPC;
import static dev.belljar.namespaces.NamespaceType.MOUNT;
import static dev.belljar.namespaces.NamespaceType.NET;
import static dev.belljar.namespaces.NamespaceType.PID;
import static dev.belljar.namespaces.NamespaceType.UTS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.belljar.linux.testing.KernelTest;
import dev.belljar.linux.testing.RequiresRoot;
import dev.belljar.linux.testing.WarmUp;
import dev.belljar.namespaces.Namespace;
import dev.belljar.namespaces.net.Network;
import dev.belljar.namespaces.pool.NetworkPool;
import dev.belljar.namespaces.pool.ReadyNetwork;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

@KernelTest
@RequiresRoot
class NetworkPoolTest {
  private static final Duration LONG = Duration.ofSeconds(60);

  @WarmUp
  static void startOnce() throws Exception {
    for (int i = 0; i < 4; i++) {
      startTwo();
    }
    try (NetworkPool pool = NetworkPool.of(1)) {
      ContainerSpec without = container().command("true").build();
      ContainerSpec with = container().command("true").networkPool(pool).build();
      without.start().waitFor();
      assertThat(pool.awaitFull(LONG)).isTrue();
      with.start().waitFor();
    }
  }

  // Mounts that are kept for later starts would come and go.
  private static ContainerBuilder container() {
    return Container.builder().namespaces(PID, MOUNT, UTS, IPC, NET).prepare(false);
  }

  private static Set<ReadyNetwork> inStock(NetworkPool pool) {
    Set<ReadyNetwork> all = new HashSet<>();
    for (var taken = pool.take(); taken.isPresent(); taken = pool.take()) {
      all.add(taken.get());
    }
    return all;
  }

  private static List<Namespace> namespaces(Set<ReadyNetwork> networks) {
    return networks.stream().map(ReadyNetwork::namespace).toList();
  }

  @Test
  void aContainerIsGivenANamespaceOfThePool() throws Exception {
    startTwo();
  }

  private static void startTwo() throws Exception {
    try (NetworkPool pool = NetworkPool.of(1)) {
      assertThat(pool.awaitFull(LONG)).isTrue();
      try (Container one = container().networkPool(pool).start();
          Namespace net = one.namespace(NET);
          Namespace host = Namespace.current(NET)) {
        assertThat(net).isNotEqualTo(host);
        assertThat(one.plan().steps())
            .anySatisfy(step -> assertThat(step.purpose()).isEqualTo("enter the NET namespace"));
        assertThat(one.exec("cat", "/sys/class/net/lo/flags").inputReader().readLine())
            .isEqualTo("0x9"); // IFF_UP|IFF_LOOPBACK
        assertThat(pool.awaitFull(LONG)).isTrue();
        try (Container two = container().networkPool(pool).start();
            Namespace other = two.namespace(NET)) {
          assertThat(other).isNotEqualTo(net);
        }
      }
    }
  }

  @Test
  void eachNamespaceIsGivenAwayOnce() throws Exception {
    try (NetworkPool pool = NetworkPool.of(4)) {
      assertThat(pool.awaitFull(LONG)).isTrue();
      assertThat(pool.ready()).isEqualTo(4);
      assertThat(pool.memory()).isEqualTo(4 * 220L * 1024);
      Set<ReadyNetwork> first = inStock(pool);
      assertThat(first).hasSizeGreaterThanOrEqualTo(4);
      assertThat(pool.awaitFull(LONG)).isTrue();
      Set<ReadyNetwork> second = inStock(pool);
      assertThat(namespaces(second)).doesNotContainAnyElementsOf(namespaces(first));
      first.forEach(ReadyNetwork::close);
      second.forEach(ReadyNetwork::close);
    }
  }

  @Test
  void whatIsTakenIsMadeUpForByItself() throws Exception {
    try (NetworkPool pool = NetworkPool.of(4)) {
      assertThat(pool.awaitFull(LONG)).isTrue();
      for (int taken = 1; taken <= 4; taken++) { // less than half, and more
        for (int i = 0; i < taken; i++) {
          pool.take().ifPresent(ReadyNetwork::close);
        }
        Await.until("the pool is full again", () -> pool.ready() == 4);
      }
    }
  }

  @Test
  void whoTakesWithoutAPauseIsGivenMoreAllTheSame() throws Exception {
    try (NetworkPool pool = NetworkPool.of(4)) {
      assertThat(pool.awaitFull(LONG)).isTrue();
      int given = 0;
      for (long end = System.nanoTime() + LONG.toNanos(); System.nanoTime() < end && given < 20; ) {
        var taken = pool.take();
        taken.ifPresent(ReadyNetwork::close);
        given += taken.isPresent() ? 1 : 0;
      }
      assertThat(given).isEqualTo(20);
    }
  }

  @Test
  void withoutStockAContainerMakesItsOwn() throws Exception {
    try (NetworkPool pool = NetworkPool.of(1)) {
      ContainerSpec spec = container().command("true").networkPool(pool).build();
      for (int i = 0; i < 5; i++) { // faster than the pool, now and then
        try (Container container = spec.start()) {
          assertThat(container.waitFor()).isZero();
        }
      }
    }
  }

  @Test
  void thePlanSaysWhenThePoolIsNotUsed() {
    try (NetworkPool pool = NetworkPool.of(1)) {
      assertThat(container().networkPool(pool).build().plan().warnings())
          .noneMatch(warning -> warning.contains("pool"));
      assertThat(Container.builder().rootless().networkPool(pool).build().plan().warnings())
          .contains(
              "the network pool is not used: a NET namespace made ahead would not belong to its"
                  + " USER namespace");
      assertThat(
              Container.builder()
                  .network(Network.host())
                  .networkPool(pool)
                  .build()
                  .plan()
                  .warnings())
          .anyMatch(warning -> warning.startsWith("the network pool is not used: its network"));
    }
  }

  @Test
  void aPoolIsBoundedAndCloses() {
    assertThatIllegalArgumentException().isThrownBy(() -> NetworkPool.of(0));
    assertThatIllegalArgumentException().isThrownBy(() -> NetworkPool.of(1025));
    NetworkPool pool = NetworkPool.open();
    pool.close();
    pool.close();
    assertThatIllegalStateException().isThrownBy(pool::take);
  }
}
