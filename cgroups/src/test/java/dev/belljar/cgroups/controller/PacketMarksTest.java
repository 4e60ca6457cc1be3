package dev.belljar.cgroups.controller;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.belljar.cgroups.coverage.Proves;
import dev.belljar.cgroups.coverage.ReadsBack;
import dev.belljar.cgroups.hierarchy.CgroupDirectory;
import dev.belljar.cgroups.hierarchy.Subsystem;
import dev.belljar.cgroups.testing.TestGroup;
import dev.belljar.linux.testing.KernelTest;
import dev.belljar.linux.testing.RequiresCgroupV1;
import dev.belljar.linux.testing.RequiresRoot;
import dev.belljar.linux.testing.RequiresTool;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What net_cls and net_prio do to packets that leave through an interface of ours. */
@KernelTest
@RequiresRoot
@RequiresTool({"ip", "tc", "bash"})
@RequiresCgroupV1({"net_cls", "net_prio"})
class PacketMarksTest {
  private static final String INTERFACE = "belljar-test0";
  private static final String SEND =
      "exec bash -c 'for i in 1 2 3 4 5; do echo $i > /dev/udp/198.18.53.2/9; done; echo sent;"
          + " read stay'";
  private static final Pattern SENT = Pattern.compile("Sent \\d+ bytes (\\d+) pkt");

  private static String run(String command) {
    return TestInput.run(command.split(" "));
  }

  @BeforeEach
  void makeInterface() {
    run("ip link add " + INTERFACE + " type dummy");
    run("ip addr add 198.18.53.1/24 dev " + INTERFACE);
    run("ip link set " + INTERFACE + " up");
  }

  @AfterEach
  void removeInterface() {
    run("ip link delete " + INTERFACE);
  }

  /** How many packets a line of statistics counts, which follows the line of a class. */
  private static int packets(String kind, String name) {
    String all = run("tc -s " + kind + " show dev " + INTERFACE);
    Matcher sent = SENT.matcher(all.substring(all.indexOf(name)));
    assertThat(sent.find()).as(all).isTrue();
    return Integer.parseInt(sent.group(1));
  }

  @Test
  @Proves("net_cls.classid")
  void packetsOfAGroupGoToItsClass() {
    run("tc qdisc add dev " + INTERFACE + " root handle 10: htb default 2");
    run("tc class add dev " + INTERFACE + " parent 10: classid 10:1 htb rate 100mbit");
    run("tc class add dev " + INTERFACE + " parent 10: classid 10:2 htb rate 100mbit");
    run("tc filter add dev " + INTERFACE + " parent 10: protocol ip prio 10 handle 1: cgroup");
    try (TestGroup test = TestGroup.v1(Subsystem.NET_CLS)) {
      NetCls controller = new NetCls(test.directory());
      assertThat(controller.classid()).isEqualTo(TrafficClass.NONE);
      assertThat(TestInput.answer(test.run(SEND))).isEqualTo("sent");
      assertThat(packets("class", "class htb 10:1 ")).isZero();

      assertThat(controller.setClassid(TrafficClass.parse("10:1")).isExact()).isTrue();
      assertThat(TestInput.answer(test.run(SEND))).isEqualTo("sent");

      assertThat(packets("class", "class htb 10:1 ")).isEqualTo(5);
      try (CgroupDirectory child = test.directory().create("child")) {
        assertThat(new NetCls(child).classid()).isEqualTo(TrafficClass.parse("10:1"));
      }
    }
  }

  @Test
  @Proves("net_prio.ifpriomap")
  void packetsOfAGroupHaveItsPriority() {
    run("tc qdisc add dev " + INTERFACE + " root handle 1: prio");
    run("tc qdisc add dev " + INTERFACE + " parent 1:1 handle 11: pfifo");
    try (TestGroup test = TestGroup.v1(Subsystem.NET_PRIO)) {
      NetPrio controller = new NetPrio(test.directory());
      assertThat(controller.priorities()).containsEntry(INTERFACE, 0L);
      assertThat(TestInput.answer(test.run(SEND))).isEqualTo("sent");
      assertThat(packets("qdisc", "qdisc pfifo 11:")).isZero();

      assertThat(controller.setPriority(INTERFACE, 6).isExact()).isTrue();
      assertThat(controller.priorities()).containsEntry(INTERFACE, 6L);
      assertThat(TestInput.answer(test.run(SEND))).isEqualTo("sent");

      // 6 (interactive) is what the discipline puts into its first band
      assertThat(packets("qdisc", "qdisc pfifo 11:")).isEqualTo(5);
    }
  }

  @Test
  @ReadsBack(value = "net_prio.prioidx", why = "a number that is the kernel's own affair")
  void eachGroupHasANumberOfItsOwn() {
    try (TestGroup test = TestGroup.v1(Subsystem.NET_PRIO);
        CgroupDirectory child = test.directory().create("child")) {
      assertThat(new NetPrio(child).prioidx())
          .isPositive()
          .isNotEqualTo(new NetPrio(test.directory()).prioidx());
    }
  }

  @Test
  void anInterfaceThatIsNotThereIsSaidToBe() {
    try (TestGroup test = TestGroup.v1(Subsystem.NET_PRIO)) {
      NetPrio controller = new NetPrio(test.directory());

      assertThatThrownBy(() -> controller.setPriority("belljar-none", 1))
          .hasMessageContaining("ENODEV")
          .hasMessageContaining("no such interface");
      assertThatIllegalArgumentException()
          .isThrownBy(() -> controller.setPriority(INTERFACE, 1L << 32));
    }
  }
}
