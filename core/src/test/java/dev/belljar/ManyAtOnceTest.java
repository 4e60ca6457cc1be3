package dev.belljar;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belljar.linux.testing.Effort;
import dev.belljar.linux.testing.WarmUp;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.locks.LockSupport;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ManyAtOnceTest extends ContainerTest {
  private static final int CONTAINERS = Effort.of(200);
  private static final int WAITERS = Effort.of(10_000);

  @TempDir private Path dir;

  @WarmUp
  static void makesTheRepositoryOfTheFlightRecorder() {
    try (Recording recording = new Recording()) {
      recording.start();
    }
  }

  @Test
  void manyThreadsStartContainersAtOnce() throws Exception {
    ContainerSpec spec = sh("read x; echo $x; exit 5").build();
    try (ExecutorService threads = Executors.newFixedThreadPool(8)) {
      List<Future<Outcome>> outcomes = new ArrayList<>();
      for (int i = 0; i < Effort.of(100); i++) {
        String word = "n" + i;
        boolean same = i % 2 == 0;
        outcomes.add(
            threads.submit(() -> {
              Container started =
                  same ? spec.start() : sh("read x; echo " + word + "; exit 5").start();
              try (Container container = started) {
                container.process().outputWriter().append(word).append('\n').close();
                return Outcome.of(container.process());
              }
            }));
      }
      for (int i = 0; i < outcomes.size(); i++) {
        assertThat(outcomes.get(i).get().out()).isEqualTo("n" + i);
        assertThat(outcomes.get(i).get().status().code()).isEqualTo(5);
      }
    }
  }

  @Test
  void virtualThreadsThatWaitPinNoCarrier() throws Exception {
    List<Container> containers = new ArrayList<>();
    try {
      for (int i = 0; i < CONTAINERS; i++) {
        containers.add(
            Container.builder().command("cat").stderr(Stdio.discard()).timeout(DEADLINE).start());
      }
      assertThat(pinnedWhileWaitingFor(containers)).isEmpty();
    } finally {
      containers.forEach(Container::close);
    }
  }

  /** Else the test above would see nothing whatever happens. */
  @Test
  void aThreadThatPinsItsCarrierIsSeen() throws Exception {
    assertThat(pinnedDuring(() -> Thread.startVirtualThread(Pinning::begin).join())).isNotEmpty();
  }

  /** Its initializer parks, which no thread can do without its carrier. */
  private static final class Pinning {
    static {
      LockSupport.parkNanos(1_000_000);
    }

    static void begin() {}
  }

  private List<RecordedEvent> pinnedWhileWaitingFor(List<Container> containers) throws Exception {
    return pinnedDuring(() -> waitOnManyThreads(containers));
  }

  private static void waitOnManyThreads(List<Container> containers) throws Exception {
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      CountDownLatch waiting = new CountDownLatch(WAITERS);
      List<Future<Integer>> codes = new ArrayList<>();
      for (int i = 0; i < WAITERS; i++) {
        Container container = containers.get(i % containers.size());
        codes.add(
            threads.submit(() -> {
              waiting.countDown();
              return container.waitFor();
            }));
      }
      waiting.await();
      for (Container container : containers) {
        container.process().getOutputStream().close(); // which ends it
      }
      for (Future<Integer> code : codes) {
        assertThat(code.get()).isZero();
      }
    }
  }

  private List<RecordedEvent> pinnedDuring(Work work) throws Exception {
    Path file = dir.resolve("waiting.jfr");
    try (Recording recording = new Recording()) {
      recording.enable("jdk.VirtualThreadPinned").withoutThreshold().withStackTrace();
      recording.start();
      work.run();
      recording.stop();
      recording.dump(file);
    }
    return eventsIn(file);
  }

  @FunctionalInterface
  private interface Work {
    void run() throws Exception;
  }

  private static List<RecordedEvent> eventsIn(Path file) throws IOException {
    try {
      return RecordingFile.readAllEvents(file).stream()
          .filter(event -> event.getEventType().getName().equals("jdk.VirtualThreadPinned"))
          .toList();
    } finally {
      Files.delete(file);
    }
  }
}
