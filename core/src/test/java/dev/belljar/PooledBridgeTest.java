package dev.belljar;

import static dev.belljar.namespaces.NamespaceType.NET;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.belljar.linux.testing.RequiresRoot;
import dev.belljar.linux.testing.RequiresTool;
import dev.belljar.namespaces.pool.NetworkPool;
import dev.belljar.namespaces.pool.ReadyNetwork;
import java.net.InetAddress;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Pools of namespaces for containers of a bridge, in a namespace that plays the host. */
@RequiresRoot
@RequiresTool("ip")
class PooledBridgeTest extends BridgedTest {
  private static final Duration LONG = Duration.ofSeconds(60);

  @Test
  void whatIsInStockIsOnTheBridgeAlready() throws Exception {
    try (NetworkPool pool = NetworkPool.of(2, lan())) {
      assertThat(pool.awaitFull(LONG)).isTrue();
      assertThat(hostNetwork.run("ip", "route", "show", "table", "48657"))
          .contains("10.88.0.2", "10.88.0.3");
      try (Container web = resident().hostname("web").network(lan()).networkPool(pool).start();
          Container client = resident().network(lan()).networkPool(pool).start()) {
        assertThat(web.plan().steps())
            .anySatisfy(step -> assertThat(step.purpose()).isEqualTo("enter the NET namespace"));
        InetAddress address = web.addresses().getFirst();
        assertThat(Outcome.of(web.exec("ip", "-o", "addr", "show", "eth0")).output())
            .contains(address.getHostAddress() + "/24");
        assertThat(Outcome.of(client.exec("getent", "ahostsv4", "web")).output())
            .contains(address.getHostAddress());
        assertThat(Outcome.of(web.exec("cat", "/etc/hosts")).output())
            .endsWith(address.getHostAddress() + " web");
      }
      assertThat(links()).contains("lan0");
    }
    assertThat(links()).doesNotContain("lan0").doesNotContain("bj");
  }

  @Test
  void aContainerKeepsItsNetworkWhenThePoolIsClosed() throws Exception {
    NetworkPool pool = NetworkPool.of(2, lan());
    assertThat(pool.awaitFull(LONG)).isTrue();
    try (Container container = sh("cat").network(lan()).networkPool(pool).start()) {
      pool.close();
      assertThat(Outcome.of(container.exec("ip", "-o", "addr", "show", "eth0")).output())
          .contains(container.addresses().getFirst().getHostAddress());
      assertThat(links()).contains("lan0");
    }
    assertThat(links()).doesNotContain("lan0").doesNotContain("bj");
  }

  @Test
  void aStartThatFailsTakesBackWhatItWasGiven() throws Exception {
    try (NetworkPool pool = NetworkPool.of(1, lan())) {
      assertThat(pool.awaitFull(LONG)).isTrue();
      ContainerBuilder builder =
          Container.builder().command("/no/such/command").network(lan()).networkPool(pool);
      assertThatThrownBy(builder::start).isInstanceOf(ContainerException.class);
    }
    assertThat(links()).doesNotContain("lan0").doesNotContain("bj");
  }

  @Test
  void aNamespaceThatIsOnNoBridgeIsPutOnOneAtTheStart() throws Exception {
    try (NetworkPool pool = NetworkPool.of(1)) {
      assertThat(pool.awaitFull(LONG)).isTrue();
      try (Container container = resident().network(lan()).networkPool(pool).start()) {
        assertThat(container.plan().steps())
            .anySatisfy(step -> assertThat(step.purpose()).isEqualTo("enter the NET namespace"));
        assertThat(Outcome.of(container.exec("ip", "-o", "addr", "show", "eth0")).output())
            .contains("10.88.0.2/24");
      }
    }
  }

  @Test
  void whatIsTakenWithoutAContainerIsTakenBackWhenItIsClosed() throws Exception {
    ReadyNetwork taken;
    try (NetworkPool pool = NetworkPool.of(1, lan())) {
      assertThat(pool.awaitFull(LONG)).isTrue();
      taken = pool.take().orElseThrow();
    }
    assertThat(links()).contains("lan0");
    taken.close();
    assertThat(links()).doesNotContain("lan0").doesNotContain("bj");
  }

  @Test
  void aPoolOfAnotherNetworkIsNotUsed() throws Exception {
    try (NetworkPool pool = NetworkPool.of(1, lan())) {
      assertThat(pool.bridge()).contains(lan());
      assertThat(resident().namespaces(NET).networkPool(pool).build().plan().warnings())
          .contains("the network pool is not used: its network is another than that of the pool");
      assertThat(pool.awaitFull(LONG)).isTrue();
    }
    assertThatIllegalArgumentException()
        .isThrownBy(() -> NetworkPool.of(1, lan().address("10.88.0.9")))
        .withMessageContaining("10.88.0.9");
  }
}
