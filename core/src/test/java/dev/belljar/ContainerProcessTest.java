package dev.belljar;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** What code that takes a {@link Process} relies on. */
class ContainerProcessTest extends ContainerTest {
  @Test
  void waitingForATimeReturnsWhenItIsOver() throws Exception {
    try (Container container = sh("exec cat").start()) {
      Process process = container.process();
      long begin = System.nanoTime();
      assertThat(process.waitFor(100, TimeUnit.MILLISECONDS)).isFalse();
      assertThat(System.nanoTime() - begin).isGreaterThanOrEqualTo(100_000_000L);
      assertThat(process.waitFor(0, TimeUnit.SECONDS)).isFalse();
      assertThat(process.waitFor(-1, TimeUnit.SECONDS)).isFalse();
      assertThat(process.isAlive()).isTrue();
      assertThatThrownBy(process::exitValue).isInstanceOf(IllegalThreadStateException.class);
      process.getOutputStream().close();
      assertThat(process.waitFor(DEADLINE.toSeconds(), TimeUnit.SECONDS)).isTrue();
      assertThat(process.isAlive()).isFalse();
      assertThat(process.exitValue()).isZero();
    }
  }

  @Test
  void destroyAsksAndDestroyForciblyKills() throws Exception {
    try (Container container = resident().start()) {
      Process polite = container.exec("sh", "-c", "trap 'exit 3' TERM; echo; sleep 1000 & wait");
      assertThat(polite.inputReader().readLine()).isEmpty();
      assertThat(polite.supportsNormalTermination()).isTrue();
      polite.destroy();
      assertThat(polite.waitFor()).isEqualTo(3);
      polite.destroy(); // of an ended one does nothing

      Process deaf = container.exec("sh", "-c", "trap '' TERM; echo; exec cat");
      assertThat(deaf.inputReader().readLine()).isEmpty();
      deaf.destroy();
      assertThat(deaf.destroyForcibly()).isSameAs(deaf);
      assertThat(deaf.waitFor()).isEqualTo(137);
    }
  }

  @Test
  void itsHandleIsTheKernelsProcess() throws Exception {
    try (Container container = Container.builder().command("cat").start()) {
      Process process = container.process();
      ProcessHandle handle = process.toHandle();

      assertThat(handle.pid()).isEqualTo(process.pid()).isEqualTo(container.pid());
      assertThat(handle).isEqualTo(ProcessHandle.of(process.pid()).orElseThrow());
      assertThat(handle.parent()).contains(ProcessHandle.current());
      assertThat(handle.isAlive()).isTrue();
      assertThat(process.info().command().orElse("")).endsWith("cat");
      assertThat(process.children()).isEmpty();

      CompletableFuture<ProcessHandle> end = handle.onExit();
      process.destroyForcibly();
      end.join();
      process.waitFor();
    }
  }

  @Test
  void anEndedProcessHasAHandleThatKnowsNothing() throws Exception {
    try (Container container = sh("exit 3").start()) {
      Process process = container.process();
      process.waitFor();
      ProcessHandle handle = process.toHandle();

      assertThat(handle.pid()).isEqualTo(process.pid());
      assertThat(handle.isAlive()).isFalse();
      assertThat(handle.destroyForcibly()).isFalse();
      assertThat(handle.onExit()).isCompletedWithValue(handle);
      assertThat(process.info().command()).isEmpty();
      assertThat(process.descendants()).isEmpty();
    }
  }

  @Test
  void childrenAreSeenThroughTheHandle() throws Exception {
    try (Container container = sh("sleep 60 & sleep 60 & echo; wait").start()) {
      assertThat(container.process().inputReader().readLine()).isEmpty();
      assertThat(container.process().children()).hasSize(2);
    }
  }

  @Test
  void onExitIsCompletedWithTheProcess() throws Exception {
    try (Container container = sh("exec cat").start()) {
      Process process = container.process();
      CompletableFuture<Process> before = process.onExit();
      CompletableFuture<ExitStatus> ofContainer = container.onExit();
      assertThat(before).isNotDone();
      process.getOutputStream().close();

      assertThat(before.get(DEADLINE.toSeconds(), TimeUnit.SECONDS)).isSameAs(process);
      assertThat(ofContainer.get(DEADLINE.toSeconds(), TimeUnit.SECONDS).code()).isZero();
      assertThat(process.onExit().join()).isSameAs(process);
    }
  }

  @Test
  void whatFollowsAnExitMayBlockWithoutHoldingUpOthers() throws Exception {
    CountDownLatch go = new CountDownLatch(1);
    try (Container first = sh("exec cat").start();
        Container second = sh("exec cat").start()) {
      CompletableFuture<?> slow = first.onExit().thenAccept(_ -> awaitQuietly(go));
      CompletableFuture<?> slowToo = first.process().onExit().thenAccept(_ -> awaitQuietly(go));
      first.process().getOutputStream().close();
      first.waitFor();
      second.process().getOutputStream().close();
      assertThat(second.onExit().get(DEADLINE.toSeconds(), TimeUnit.SECONDS).code()).isZero();
      go.countDown();
      slow.join();
      slowToo.join();
    }
  }

  @Test
  void aWaitingThreadCanBeInterrupted() throws Exception {
    for (boolean virtual : new boolean[] {false, true}) {
      try (Container container = sh("exec cat").start()) {
        AtomicReference<Throwable> thrown = new AtomicReference<>();
        CountDownLatch waiting = new CountDownLatch(1);
        Thread waiter =
            (virtual ? Thread.ofVirtual() : Thread.ofPlatform())
                .start(() -> {
                  waiting.countDown();
                  try {
                    container.waitFor();
                  } catch (InterruptedException e) {
                    thrown.set(e);
                  }
                });
        waiting.await();
        waiter.interrupt();
        waiter.join();
        assertThat(thrown.get()).isInstanceOf(InterruptedException.class);
        assertThat(container.state()).isEqualTo(ContainerState.RUNNING);
      }
    }
  }

  @Test
  void startingOnAnInterruptedThreadWorksAndKeepsTheInterrupt() {
    Thread.currentThread().interrupt();
    try (Container container = sh("true").start()) {
      assertThat(Thread.interrupted()).isTrue();
      container.process().onExit().join();
    }
  }

  @Test
  void toStringTellsWhatItIs() throws Exception {
    try (Container container = sh("true").start()) {
      container.waitFor();
      assertThat(container.toString()).contains(container.id()).contains("ENDED");
      assertThat(container.process().toString()).contains(Long.toString(container.pid()));
    }
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
