package dev.belljar.namespaces.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BridgeNetworkTest {
  @ParameterizedTest
  @CsvSource({
    "10.88.0.0/24, 10.88.0.0, network itself",
    "10.88.0.0/24, 10.88.0.255, broadcast",
    "10.88.0.4/30, 10.88.0.7, broadcast",
    "fd00:88::/64, fd00:88::, network itself",
    "10.88.0.0/24, 10.89.0.7, no address of"
  })
  void anAddressThatNoContainerCanHaveIsRefused(String subnet, String address, String reason) {
    assertThatThrownBy(() -> Network.bridge("lan0", subnet).address(address))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(reason);
  }

  @ParameterizedTest
  @CsvSource({"10.88.0.0/24, 10.88.0.254", "fd00:88::/64, fd00:88::ffff:ffff:ffff:ffff"})
  void anyOtherCanBeChosen(String subnet, String address) {
    assertThat(Network.bridge("lan0", subnet).address(address).address())
        .contains(InetAddress.ofLiteral(address));
  }

  @Test
  void theGatewayHasTheFirst() {
    assertThat(Network.bridge("lan0", "10.88.0.0/24").subnet()).hasToString("10.88.0.1/24");
  }
}
