package dev.belljar;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.belljar.cgroups.event.CgroupEvent;
import dev.belljar.cgroups.event.CgroupEventStream;
import dev.belljar.cgroups.stats.CgroupStats;
import dev.belljar.linux.testing.RequiresRoot;
import java.util.Optional;
import org.junit.jupiter.api.Test;

@RequiresRoot
class StatsTest extends ContainerTest {
  @Test
  void whatTheContainerUsesIsCounted() throws Exception {
    try (Container container = sh("echo; read end").accounting().memory(64 << 20).start()) {
      assertThat(container.process().inputReader().readLine()).isEmpty();

      CgroupStats stats = container.stats();

      assertThat(stats.pids().orElseThrow().current()).isEqualTo(1);
      assertThat(stats.memory().orElseThrow().limit().orElseThrow().value()).hasValue(64 << 20);
    }
  }

  @Test
  void anOomKillIsToldAsItHappens() throws Exception {
    // A child is killed, not the shell: x is doubled until there is no more memory.
    String hog = "x=xxxxxxxxxxxxxxxx; while true; do x=$x$x; done";
    try (Container container =
            sh("read go; sh -c '" + hog + "'; read end").memory(24 << 20).start();
        CgroupEventStream events = container.events().oom().open()) {
      container.process().outputWriter().append("go\n").flush();

      Optional<CgroupEvent> event;
      do {
        event = events.next(DEADLINE);
      } while (event.isPresent() && !(event.get() instanceof CgroupEvent.OomKill));

      assertThat(event).isPresent();
    }
  }

  @Test
  void anEndedContainerHasNothingToCount() throws Exception {
    try (Container container = sh("exit 0").pids(20).start()) {
      container.waitFor();
      assertThatIllegalStateException().isThrownBy(container::stats);
    }
  }
}
