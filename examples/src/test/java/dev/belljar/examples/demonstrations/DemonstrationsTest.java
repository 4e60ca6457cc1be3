package dev.belljar.examples.demonstrations;

import static dev.belljar.examples.demonstrations.Outside.lives;
import static dev.belljar.examples.demonstrations.Outside.namespace;
import static dev.belljar.examples.demonstrations.Outside.ownNamespace;
import static dev.belljar.examples.demonstrations.Outside.serversOnPort80;
import static dev.belljar.examples.demonstrations.Outside.status;
import static dev.belljar.examples.demonstrations.Outside.text;
import static org.assertj.core.api.Assertions.assertThat;

import dev.belljar.examples.demonstrations.HeldProgram.Moment;
import dev.belljar.examples.demonstrations.HeldProgram.Shown;
import dev.belljar.linux.testing.KernelTest;
import dev.belljar.linux.testing.RequiresTool;
import dev.belljar.linux.testing.RequiresUserNamespaces;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * The program as people run it, held at each of its moments: what it says of inside is compared
 * with what its parent, this JVM, sees from outside then.
 */
@KernelTest
@RequiresUserNamespaces
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class DemonstrationsTest {
  private static final boolean ROOT =
      ProcessHandle.current().info().user().equals(Optional.of("root"));
  private static final Map<String, String> FILES =
      Map.of(
          "PID", "pid", "MOUNT", "mnt", "UTS", "uts", "IPC", "ipc", "NET", "net", "USER", "user");

  private static final Pattern REFUSED =
      Pattern.compile("(?i).*inside: .*(not permitted|permission denied|must be root).*");

  @Test
  @RequiresTool("readlink")
  void sixKindsAreMadeAtOnceAndEachApart() throws Exception {
    try (HeldProgram program = HeldProgram.start("kinds")) {
      Moment six = program.next("six kinds");
      assertThat(six.said("six kinds, one clone").orElseThrow())
          .contains("NEWNS", "NEWUTS", "NEWIPC", "NEWUSER", "NEWPID", "NEWNET");
      assertThat(six.lines().stream().filter(line -> line.contains("clone3("))).hasSize(1);
      for (String kind : FILES.keySet()) {
        assertThat(six.lines().stream().filter(line -> line.startsWith(kind + " ")))
            .anyMatch(line -> line.contains("outside: " + own(kind)));
        assertThat(six.lines()).anyMatch(line -> line.contains("inside: " + of(six.pid(), kind)));
        assertThat(of(six.pid(), kind)).isNotEqualTo(own(kind));
      }
      for (String kind : List.of("PID", "MOUNT", "UTS", "IPC", "NET", "USER")) {
        Moment apart = program.next("apart");
        Shown shown = apart.shown("made apart");
        List<String> made = List.of(shown.inside().split(" "));
        assertThat(made).contains(of(apart.pid(), kind));
        assertThat(made).hasSize(ROOT || kind.equals("USER") ? 1 : 2);
        assertThat(shown.outside()).isEqualTo(own(kind));
        for (String other : FILES.keySet()) {
          assertThat(of(apart.pid(), other).equals(own(other)))
              .as("%s of a container with %s", other, kind)
              .isEqualTo(!made.contains(of(apart.pid(), other)));
        }
      }
      assertThat(String.join("\n", program.end()).contains("needs root")).isEqualTo(!ROOT);
    }
  }

  private static String own(String kind) {
    try {
      return ownNamespace(FILES.get(kind));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String of(long pid, String kind) {
    try {
      return namespace(pid, FILES.get(kind));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  @RequiresTool("hostname")
  void namesAreChangedInsideAndNotOutside() throws Exception {
    String host = text("/proc/sys/kernel/hostname");
    String domain = text("/proc/sys/kernel/domainname");
    try (HeldProgram program = HeldProgram.start("uts")) {
      Moment set = program.next("set");
      assertThat(set.shown("hostname")).isEqualTo(new Shown("inside", host));
      assertThat(set.shown("domainname")).isEqualTo(new Shown("inside.example", domain));
      Moment changed = program.next("changed");
      assertThat(changed.shown("hostname")).isEqualTo(new Shown("changed", host));
      assertThat(changed.shown("domainname")).isEqualTo(new Shown("changed.example", domain));
      assertThat(text("/proc/sys/kernel/hostname")).isEqualTo(host);
      assertThat(text("/proc/sys/kernel/domainname")).isEqualTo(domain);
      assertThat(namespace(changed.pid(), "uts")).isNotEqualTo(ownNamespace("uts"));
      program.end();
    }
  }

  @Test
  @RequiresTool({"mount", "grep"})
  void aMountInsideDoesNotReachTheHost() throws Exception {
    try (HeldProgram program = HeldProgram.start("mount")) {
      Moment mounted = program.next("mounted");
      assertThat(mounted.shown("mounts of that name")).isEqualTo(new Shown("1", "0"));
      assertThat(mounted.shown("files in /mnt").inside()).isEqualTo("file");
      assertThat(text(mounted.pid(), "mountinfo")).contains(" /mnt ", "belljar-demonstration");
      assertThat(text("/proc/self/mountinfo")).doesNotContain("belljar-demonstration");
      program.end();
    }
  }

  @Test
  void aNetworkHasItsOwnInterfacesRoutesAndServers() throws Exception {
    try (HeldProgram program = HeldProgram.start("net")) {
      Moment down = program.next("down");
      assertThat(down.shown("interfaces").inside()).isEqualTo("lo");
      assertThat(text(down.pid(), "net/dev").lines().skip(2))
          .singleElement()
          .asString()
          .startsWith("    lo:");
      assertThat(down.shown("routes").inside()).isEqualTo("none");
      assertThat(text(down.pid(), "net/route").lines().skip(1)).isEmpty();
      long routes = text("/proc/self/net/route").lines().skip(1).count();
      assertThat(down.shown("routes").outside().equals("none")).isEqualTo(routes == 0);
      assertThat(down.shown("lo").inside()).isEqualTo("down");
      assertThat(down.said("a connection inside to port 80").orElseThrow()).contains("unreachable");
      if (ROOT) {
        Shown devices = down.shown("/proc/thread-self/net/dev of a thread");
        assertThat(devices.inside()).isEqualTo("lo");
        Shown ofProcess = down.shown("/proc/net/dev does not follow it");
        assertThat(ofProcess.inside()).isEqualTo(ofProcess.outside()).isEqualTo(devices.outside());
      } else {
        assertThat(down.said("/proc/thread-self/net of a thread").orElseThrow())
            .startsWith("needs root");
      }

      Moment up = program.next("up");
      assertThat(up.shown("lo, brought up").inside()).isEqualTo("up");
      assertThat(up.said("the same connection").orElseThrow()).contains("refused");
      assertThat(up.said("with a server inside")).contains("hello from inside");
      Set<String> inside = serversOnPort80("" + up.pid());
      assertThat(inside).hasSize(1);
      assertThat(serversOnPort80("self")).doesNotContainAnyElementsOf(inside);

      Moment two = program.next("two servers");
      assertThat(two.shown("two servers on port 80"))
          .isEqualTo(new Shown("the first answers", "the second answers"));
      Set<String> first = serversOnPort80("" + two.pids().getFirst());
      assertThat(first).hasSize(1);
      assertThat(serversOnPort80("" + two.pids().getLast()))
          .hasSize(1)
          .doesNotContainAnyElementsOf(first);
      program.end();
    }
  }

  @Test
  @RequiresTool({"setpriv", "unshare", "id"})
  void idsAreMappedOneKindAfterTheOtherAndWhatTouchesTheHostIsRefused() throws Exception {
    String host = text("/proc/sys/kernel/hostname");
    try (HeldProgram program = HeldProgram.start("user")) {
      Moment before = program.next("before any map");
      assertThat(before.shown("ids before any map").inside()).isEqualTo("uid 65534, gid 65534");
      String uid = status(before.pid(), "Uid").getFirst();
      String gid = status(before.pid(), "Gid").getFirst();
      String outside = "uid " + uid + ", gid " + gid;
      assertThat(before.shown("ids before any map").outside()).isEqualTo(outside);
      assertThat(text(before.pid(), "uid_map")).isEmpty();
      assertThat(text(before.pid(), "gid_map")).isEmpty();

      Moment half = program.next("after uid_map");
      assertThat(half.shown("ids after uid_map")).isEqualTo(new Shown("uid 0, gid 65534", outside));
      String count = ROOT ? " 65536" : " 1";
      assertThat(text(half.pid(), "uid_map").replaceAll(" +", " ")).isEqualTo("0 " + uid + count);
      assertThat(text(half.pid(), "gid_map")).isEmpty();

      Moment both = program.next("after gid_map");
      assertThat(both.shown("ids after gid_map")).isEqualTo(new Shown("uid 0, gid 0", outside));
      assertThat(text(both.pid(), "gid_map").replaceAll(" +", " ")).isEqualTo("0 " + gid + count);

      Moment refused = program.next("refused");
      String user = status(refused.pid(), "Uid").getFirst();
      assertThat(user).isNotEqualTo("0");
      assertThat(refused.shown("root of a container")).isEqualTo(new Shown("0", user));
      assertThat(refused.lines().stream().skip(1)).hasSize(5).allMatch(REFUSED.asMatchPredicate());
      assertThat(System.currentTimeMillis()).isGreaterThan(Duration.ofDays(365).toMillis());
      assertThat(text("/proc/sys/kernel/hostname")).isEqualTo(host);
      assertThat(refused.shown("hostname taken").outside()).isEqualTo(host);
      assertThat(lives(1)).isTrue();
      program.end();
    }
  }

  @Test
  @RequiresTool("readlink")
  void aClockIsAheadInside() throws Exception {
    long days = Duration.ofDays(100).toSeconds();
    try (HeldProgram program = HeldProgram.start("time")) {
      Moment ahead = program.next("ahead");
      long inside = Long.parseLong(ahead.shown("up since").inside().replace(" s", ""));
      long outside = Long.parseLong(ahead.shown("up since").outside().replace(" s", ""));
      assertThat(inside).isBetween(days, outside + days);
      double now = Double.parseDouble(text("/proc/uptime").split(" ")[0]);
      assertThat((long) now).isGreaterThanOrEqualTo(outside).isLessThan(inside);
      assertThat(namespace(ahead.pid(), "time")).isEqualTo(ahead.shown("namespace").inside());
      assertThat(ownNamespace("time")).isEqualTo(ahead.shown("namespace").outside());
      program.end();
    }
  }
}
