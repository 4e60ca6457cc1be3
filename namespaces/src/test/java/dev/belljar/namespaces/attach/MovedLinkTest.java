package dev.belljar.namespaces.attach;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.belljar.linux.Errno;
import dev.belljar.linux.LinuxException;
import dev.belljar.linux.testing.OwnNetwork;
import dev.belljar.linux.testing.RequiresRoot;
import dev.belljar.namespaces.net.Network;
import java.net.InetAddress;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** A link of the host that is a container's for a while. */
@RequiresRoot
class MovedLinkTest extends AttachedTest {
  @Test
  void aMovedLinkComesBackAsItWas() {
    hostNetwork.run("ip", "link", "add", "card0", "mtu", "1400", "type", "veth", "peer", "far0");
    hostNetwork.run("ip", "link", "set", "far0", "up");
    hostNetwork.run("ip", "addr", "add", "10.7.0.1/24", "dev", "card0");
    hostNetwork.run("ip", "link", "set", "card0", "up");
    hostNetwork.run("ip", "route", "add", "10.8.0.0/16", "via", "10.7.0.2", "proto", "static");
    hostNetwork.run(
        "ip", "route", "add", "10.9.0.0/16", "dev", "card0", "metric", "7", "proto", "static");
    String before = hostNetwork.run("ip", "route");

    Attachment attachment = attach(Network.move("card0").as("eth0").in(host), first, "one");

    assertThat(links()).doesNotContain("card0@").contains("far0");
    assertThat(first.run("ip", "-o", "addr")).contains("eth0    inet 10.7.0.1/24");
    assertThat(first.run("ip", "route")).contains("10.8.0.0/16 via 10.7.0.2");
    attachment.close();
    assertThat(first.run("ip", "-o", "link")).doesNotContain("eth0");
    assertThat(hostNetwork.run("ip", "-o", "link", "show", "card0")).contains("mtu 1400", "UP");
    assertThat(hostNetwork.run("ip", "route")).isEqualTo(before);
  }

  @Test
  void aMovedLinkHasEachRouteAndAddressAsItWas() {
    hostNetwork.run("ip", "link", "add", "card0", "type", "veth", "peer", "far0");
    for (String line :
        """
        link set far0 up
        addr add 10.7.0.1/24 brd 10.7.0.254 label card0:1 dev card0
        addr add 10.6.0.1 peer 10.6.0.2/32 dev card0
        -6 addr add fd00:7::1/64 dev card0 nodad
        link set card0 up
        route add 10.8.0.0/16 via 10.7.0.2 dev card0 proto dhcp metric 9 src 10.7.0.1 mtu 1300
        route add 10.9.0.0/16 via 192.0.2.1 dev card0 onlink
        route add 10.10.0.0/16 dev card0 scope global table 77
        -6 route add fd00:8::/64 via fd00:7::2 dev card0 advmss 1200 pref high\
        """
            .lines()
            .toList()) {
      hostNetwork.run(("ip " + line).split(" ", -1));
    }
    String before = addressesAndRoutes(hostNetwork, "card0");
    assertThat(before).contains("proto dhcp", "mtu 1300", "onlink", "advmss 1200", "peer", "254");

    Attachment attachment = attach(Network.move("card0").as("eth0").in(host), first, "one");
    assertThat(addressesAndRoutes(first, "eth0"))
        .isEqualTo(
            before
                .replace("card0:1", "LABEL")
                .replace("card0", "eth0")
                .replace("LABEL", "card0:1"));
    attachment.close();
    assertThat(addressesAndRoutes(hostNetwork, "card0")).isEqualTo(before);
  }

  /** Without what the kernel makes up anew, such as link-local addresses. */
  private static String addressesAndRoutes(OwnNetwork network, String link) {
    String all =
        network.run("ip", "-o", "addr", "show", "dev", link)
            + network.run("ip", "-details", "route", "show", "table", "all", "dev", link)
            + network.run("ip", "-6", "-details", "route", "show", "table", "all", "dev", link);
    return all.lines()
        .filter(line -> !line.contains("fe80") && !line.contains("ff00") && !line.contains("local"))
        .map(line -> line.replaceFirst("^\\d+: ", ""))
        .sorted()
        .collect(Collectors.joining("\n"));
  }

  @Test
  void aMovedLinkComesBackThoughItWasChangedInside() {
    hostNetwork.run("ip", "link", "add", "lan9", "type", "bridge");
    hostNetwork.run(
        "ip",
        "link",
        "add",
        "card0",
        "address",
        "02:00:00:00:00:07",
        "type",
        "veth",
        "peer",
        "far0");
    hostNetwork.run("ip", "link", "set", "card0", "master", "lan9");
    Attachment attachment = attach(Network.move("card0").as("eth0").in(host), first, "one");
    first.run("ip", "link", "set", "eth0", "name", "other", "address", "02:00:00:00:00:08");
    first.run(
        "ip", "link", "add", "eth0", "address", "02:00:00:00:00:07", "type", "veth", "peer", "x0");
    attachment.close();
    assertThat(hostNetwork.run("ip", "-o", "link", "show", "card0"))
        .contains("02:00:00:00:00:07", "master lan9");
    assertThat(links()).contains("far0@card0");
  }

  @Test
  void aMovedLinkKeepsWhatDhcpGaveIt() {
    hostNetwork.run("ip", "link", "add", "card0", "type", "veth", "peer", "far0");
    String lease = "ip addr add 10.7.0.1/24 dev card0 valid_lft 3000 preferred_lft 3000";
    hostNetwork.run(lease.split(" ", -1));
    Attachment attachment = attach(Network.move("card0").as("eth0").in(host), first, "one");
    assertThat(attachment.addresses()).containsExactly(InetAddress.ofLiteral("10.7.0.1"));
    assertThat(first.run("ip", "-o", "addr")).contains("eth0    inet 10.7.0.1/24");
    attachment.close();
    assertThat(hostNetwork.run("ip", "-o", "addr")).contains("card0    inet 10.7.0.1/24");
  }

  @Test
  void aLinkThatIsOneOfSeveralWaysOfARouteIsNotMoved() {
    for (int i = 0; i < 2; i++) {
      hostNetwork.run("ip", "link", "add", "card" + i, "type", "veth", "peer", "far" + i);
      hostNetwork.run("ip", "link", "set", "far" + i, "up");
      hostNetwork.run("ip", "addr", "add", "10.7." + i + ".1/24", "dev", "card" + i);
      hostNetwork.run("ip", "link", "set", "card" + i, "up");
    }
    hostNetwork.run(
        "ip",
        "route",
        "add",
        "10.8.0.0/16",
        "nexthop",
        "via",
        "10.7.0.2",
        "nexthop",
        "via",
        "10.7.1.2");
    String before = hostNetwork.run("ip", "route");
    assertThatExceptionOfType(LinuxException.class)
        .isThrownBy(() -> attach(Network.move("card1").in(host), first, "one"))
        .matches(e -> e.is(Errno.EBUSY))
        .withMessageContaining("moving card1")
        .withMessageContaining("10.8.0.0/16");
    assertThat(hostNetwork.run("ip", "route")).isEqualTo(before);
  }
}
