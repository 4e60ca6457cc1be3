package dev.belljar.examples.demonstrations;

import static dev.belljar.examples.demonstrations.Outside.lives;
import static dev.belljar.examples.demonstrations.Outside.namespace;
import static dev.belljar.examples.demonstrations.Outside.ownNamespace;
import static dev.belljar.examples.demonstrations.Outside.status;
import static dev.belljar.examples.demonstrations.Outside.text;
import static org.assertj.core.api.Assertions.assertThat;

import dev.belljar.examples.demonstrations.HeldProgram.Moment;
import dev.belljar.examples.demonstrations.HeldProgram.Shown;
import dev.belljar.linux.testing.KernelTest;
import dev.belljar.linux.testing.RequiresTool;
import dev.belljar.linux.testing.RequiresUserNamespaces;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Processes and their queues, seen from outside at each moment of the program. */
@KernelTest
@RequiresUserNamespaces
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class ProcessDemonstrationsTest {
  @Test
  @RequiresTool({"unshare", "mount"})
  void aProcessHasTwoNumbersAndAFreshProcShowsOnlyItsOwn() throws Exception {
    try (HeldProgram program = HeldProgram.start("pid")) {
      Moment numbers = program.next("numbers");
      long one = numbers.pids().getFirst();
      long another = numbers.pids().getLast();
      assertThat(numbers.shown("number of the first process")).isEqualTo(new Shown("1", "" + one));
      assertThat(numbers.shown("one number, two processes")).isEqualTo(new Shown("1", "1"));
      assertThat(one).isNotEqualTo(another);
      assertThat(status(one, "NSpid")).endsWith("" + one, "1");
      assertThat(status(another, "NSpid")).endsWith("" + another, "1");
      assertThat(namespace(one, "pid"))
          .isNotEqualTo(namespace(another, "pid"))
          .isNotEqualTo(ownNamespace("pid"));

      Moment ps = program.next("ps");
      assertThat(ps.shown("ps with a fresh /proc").inside())
          .matches("[1-4] processes, this JVM not among them");
      assertThat(ps.shown("ps with a fresh /proc").outside()).endsWith("JVM among them");
      assertThat(ps.shown("ps without one").inside()).endsWith("JVM among them");
      for (long pid : ps.pids()) { // each a process 1, as this JVM sees it
        assertThat(status(pid, "NSpid")).endsWith("" + pid, "1");
        assertThat(namespace(pid, "pid")).isNotEqualTo(namespace(program.pid(), "pid"));
      }

      Moment played = program.next("played");
      long mounts = mountsOfProc(text(played.pid(), "mountinfo"));
      assertThat(played.said("the plan warns").orElseThrow())
          .contains("hides the host's processes from the host");
      assertThat(played.said("seen by a host that is played").orElseThrow())
          .matches("[2-9] processes, /proc/self is there");
      Moment hidden = program.next("hidden");
      assertThat(hidden.pids()).isEqualTo(played.pids());
      assertThat(hidden.shown("a fresh /proc without MOUNT"))
          .isEqualTo(new Shown("1", "0 processes, /proc/self is gone"));
      assertThat(mountsOfProc(text(hidden.pid(), "mountinfo"))).isEqualTo(mounts + 1);
      assertThat(lives(program.pid())).isTrue(); // by the true host's /proc
      program.end();
    }
  }

  private static long mountsOfProc(String mountinfo) {
    return mountinfo.lines().filter(line -> line.matches(".* /proc .* - proc .*")).count();
  }

  @Test
  void onesLifeIsSafeFromInsideAndNotFromOutsideAndItAdoptsOrphans() throws Exception {
    try (HeldProgram program = HeldProgram.start("processes")) {
      Moment outside = program.next("killed outside");
      Shown kill = outside.shown("kill -9 of this JVM by its number");
      assertThat(kill.inside()).contains("No such process");
      assertThat(kill.outside()).isEqualTo(program.pid() + " is there");
      assertThat(lives(program.pid())).isTrue();

      Moment ignored = program.next("killed inside");
      assertThat(ignored.shown("kill -9 of 1 from inside"))
          .isEqualTo(new Shown("done, 1 is there", ignored.pid() + " is there"));
      for (long pid : ignored.pids()) {
        assertThat(lives(pid)).isTrue();
      }
      Moment killed = program.next("killed from outside");
      assertThat(killed.said("SIGKILL to it from outside").orElseThrow()).endsWith("got SIGKILL");
      assertThat(killed.pids()).isEqualTo(ignored.pids());
      for (long pid : killed.pids()) {
        assertThat(lives(pid)).isFalse();
      }

      Moment adopted = program.next("orphan");
      long one = adopted.pids().getFirst();
      long orphan = adopted.pids().getLast();
      Shown number = adopted.shown("an orphan");
      assertThat(number.outside()).isEqualTo("" + orphan);
      assertThat(status(orphan, "NSpid")).endsWith("" + orphan, number.inside());
      assertThat(adopted.shown("its parent")).isEqualTo(new Shown("1", "" + one));
      assertThat(status(orphan, "PPid")).containsExactly("" + one);
      assertThat(program.next("reaped").shown("the orphan, killed"))
          .isEqualTo(new Shown(number.inside() + " is gone", orphan + " is gone"));
      assertThat(Path.of("/proc/" + orphan)).doesNotExist();
      assertThat(lives(one)).isTrue();
      program.end();
    }
  }

  @Test
  @RequiresTool({"ipcmk", "ipcrm", "stat"})
  void queuesAreInvisibleOutsideAndOthersElsewhere() throws Exception {
    try (HeldProgram program = HeldProgram.start("ipc")) {
      Moment made = program.next("queue");
      String queue = made.shown("System V queues").inside();
      assertThat(queue).matches("id \\d+ key -?\\d+");
      assertThat(keys()).doesNotContain(key(queue));
      assertThat(namespace(made.pid(), "ipc")).isNotEqualTo(ownNamespace("ipc"));

      Shown two = program.next("two queues").shown("one identifier, two queues");
      assertThat(two.inside()).isEqualTo(queue);
      assertThat(id(two.outside())).isEqualTo(id(queue));
      assertThat(key(two.outside())).isNotEqualTo(key(queue));
      assertThat(keys()).doesNotContain(key(queue), key(two.outside()));
      assertThat(program.next("one queue").shown("one is removed"))
          .isEqualTo(new Shown("none", two.outside()));

      String name = "belljar-demonstration";
      Shown posix = program.next("POSIX queue").shown("POSIX queues");
      assertThat(posix.inside()).isEqualTo(name);
      assertThat(posix.outside()).doesNotContain(name);
      assertThat(Path.of("/dev/mqueue", name)).doesNotExist();
      Shown twice = program.next("two POSIX queues").shown("one name, two queues");
      assertThat(twice.inside()).startsWith("device ").isNotEqualTo(twice.outside());
      assertThat(twice.outside()).startsWith("device ");
      assertThat(program.next("one POSIX queue").shown("one of that name is removed"))
          .isEqualTo(new Shown("none", name));
      program.end();
    }
  }

  private static String id(String queue) {
    return queue.split(" ")[1];
  }

  private static String key(String queue) {
    return queue.split(" ")[3];
  }

  /** The keys of the host's System V queues. */
  private static List<String> keys() throws IOException {
    return text("/proc/sysvipc/msg")
        .lines()
        .skip(1)
        .map(line -> line.strip().split(" +")[0])
        .toList();
  }
}
