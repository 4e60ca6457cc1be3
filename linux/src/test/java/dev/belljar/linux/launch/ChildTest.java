package dev.belljar.linux.launch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belljar.linux.call.FileCalls;
import dev.belljar.linux.call.Pipe;
import dev.belljar.linux.call.ProcessCalls;
import dev.belljar.linux.call.WaitStatus;
import dev.belljar.linux.syscall.Syscall;
import dev.belljar.linux.syscall.SyscallNumber;
import dev.belljar.linux.testing.KernelTest;
import dev.belljar.linux.testing.WarmUp;
import dev.belljar.linux.uapi.Uapi;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

@KernelTest
class ChildTest {
  private static final WaitStatus KILLED = new WaitStatus(false, Uapi.SIGKILL(), false);

  @WarmUp
  static void warmUp() {
    TestLaunch.warmUp();
  }

  /** One that lives until it is killed. */
  private static Child sleeper() {
    ProgramBuilder program = new ProgramBuilder();
    TestLaunch.addExec(program, "/bin/sleep");
    return TestLaunch.of(program, "sleep", "1000").start();
  }

  @Test
  void isReapedByTheEventLoopWhenNobodyWaits() throws Exception {
    Child child = sleeper();
    assertThat(child.isAlive()).isTrue();
    assertThat(child.status()).isEmpty();

    assertThat(child.signal(Uapi.SIGKILL())).isTrue();

    assertThat(child.exit().get(20, TimeUnit.SECONDS)).contains(KILLED);
    assertThat(child.isAlive()).isFalse();
  }

  @Test
  void waitingEndsWithTheTimeGiven() {
    Child child = sleeper();
    try {
      assertThat(child.await(0)).isFalse();
      assertThat(child.await(TimeUnit.MILLISECONDS.toNanos(20))).isFalse();
    } finally {
      child.signal(Uapi.SIGKILL());
      assertThat(child.await(-1)).isTrue();
    }
    assertThat(child.await(0)).isTrue();
  }

  @Test
  void isReapedByTheEventLoopAfterAWaitThatWasTooShort() throws Exception {
    Child child = sleeper();
    assertThat(child.await(0)).isFalse();

    child.signal(Uapi.SIGKILL());

    assertThat(child.exit().get(20, TimeUnit.SECONDS)).contains(KILLED);
  }

  @Test
  void waitingOnAVirtualThreadEndsWithTheTimeGivenToo() throws Exception {
    Child child = sleeper();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      assertThat(threads.submit(() -> child.await(0)).get()).isFalse();
      assertThat(threads.submit(() -> child.await(20_000_000)).get()).isFalse();
      Future<Boolean> end = threads.submit(() -> child.await(-1));
      child.signal(Uapi.SIGKILL());
      assertThat(end.get()).isTrue();
    }
    assertThat(child.status()).contains(KILLED);
  }

  @Test
  void waitingGoesOnWhenTheThreadIsInterrupted() throws Exception {
    Child child = sleeper();
    CountDownLatch begun = new CountDownLatch(1);
    boolean[] interrupted = {false};
    Thread waiter =
        Thread.startVirtualThread(() -> {
          begun.countDown();
          child.await(-1);
          interrupted[0] = Thread.currentThread().isInterrupted();
        });
    begun.await();
    waiter.interrupt();
    child.signal(Uapi.SIGKILL());
    waiter.join();

    assertThat(interrupted[0]).isTrue();
    assertThat(child.isAlive()).isFalse();
  }

  @Test
  void anEndedChildIsNotSignalledNorLentOut() {
    Child child = TestLaunch.shell("exit 0").start();
    child.await(-1);

    assertThat(child.signal(Uapi.SIGKILL())).isFalse();
    assertThat(child.withPidfd(_ -> fail())).isFalse();
  }

  private static void fail() {
    throw new AssertionError("the descriptor of an ended child was used");
  }

  /** As by a library that waits for any child. */
  @Test
  void whoseStatusSomebodyElseTookEndsWithoutOne() throws Exception {
    Child child = sleeper();
    AtomicInteger taken = new AtomicInteger();
    Syscall.setGate((name, call) -> {
      if (name.equals("waitid") && taken.compareAndSet(0, child.pid())) {
        Syscall.call(SyscallNumber.WAIT4, child.pid());
      }
      return call.make();
    });
    try {
      child.signal(Uapi.SIGKILL());

      assertThat(child.exit().get(20, TimeUnit.SECONDS)).isEmpty();
    } finally {
      Syscall.setGate(null);
    }
    assertThat(taken).hasValue(child.pid());
    assertThat(child.isAlive()).isFalse();
    assertThat(child.await(-1)).isTrue();
  }

  @Test
  void theDescriptorStaysOpenWhileItIsLentOut() throws Exception {
    Child child = sleeper();

    assertThat(
            child.withPidfd(pidfd -> {
              ProcessCalls.signal(pidfd, Uapi.SIGKILL());
              child.exit().join(); // the event loop has reaped it
              assertThat(ProcessCalls.signal(pidfd, 0)).as("ESRCH, not EBADF").isFalse();
            }))
        .isTrue();
  }

  @Test
  void whoeverSeesTheEndSeesTheStatus() throws Exception {
    int rounds = 50;
    int waiters = 6;
    try (ExecutorService threads = Executors.newCachedThreadPool()) {
      for (int round = 0; round < rounds; round++) {
        Child child = TestLaunch.shell("exit 3").start();
        List<Future<Optional<WaitStatus>>> seen = new ArrayList<>();
        for (int i = 0; i < waiters; i++) {
          seen.add(
              threads.submit(() -> {
                assertThat(child.await(TimeUnit.SECONDS.toNanos(20))).isTrue();
                return child.status();
              }));
        }
        for (Future<Optional<WaitStatus>> status : seen) {
          assertThat(status.get()).contains(new WaitStatus(true, 3, false));
        }
      }
    }
  }

  @Test
  void signalsReachTheProcessAndNeverAnotherOneWithItsNumber() throws Exception {
    try (ExecutorService threads = Executors.newCachedThreadPool()) {
      for (int round = 0; round < 50; round++) {
        Child child = sleeper();
        List<Future<Boolean>> signals = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
          signals.add(threads.submit(() -> child.signal(Uapi.SIGKILL())));
        }
        for (Future<Boolean> signal : signals) {
          signal.get(); // no EBADF from a descriptor that was closed meanwhile
        }
        assertThat(child.await(TimeUnit.SECONDS.toNanos(20))).isTrue();
        assertThat(child.status()).contains(KILLED);
      }
    }
  }

  @Test
  void anInterruptedStartGoesOnAndKeepsTheInterrupt() {
    Thread.currentThread().interrupt();

    Child child = TestLaunch.shell("exit 0").start();
    child.await(-1);

    assertThat(Thread.interrupted()).isTrue();
    assertThat(child.status()).contains(new WaitStatus(true, 0, false));
  }

  @Test
  void theChildIsStartedWhileAnotherThreadStartsProcessesToo() throws Exception {
    // Those get copies of the report channel between their fork and exec, which must not hold it.
    try (ExecutorService threads = Executors.newCachedThreadPool();
        Pipe pipe = FileCalls.pipe(0)) {
      assertThat(pipe.read().number()).isGreaterThan(2);
      Future<Integer> others =
          threads.submit(() -> {
            int sum = 0;
            for (int i = 0; i < 20; i++) {
              sum += new ProcessBuilder("/bin/sh", "-c", "exit 1").start().waitFor();
            }
            return sum;
          });
      for (int i = 0; i < 20; i++) {
        Child child = TestLaunch.shell("exit 2").start();
        child.await(-1);
        assertThat(child.status()).contains(new WaitStatus(true, 2, false));
      }
      assertThat(others.get()).isEqualTo(20);
    }
  }
}
