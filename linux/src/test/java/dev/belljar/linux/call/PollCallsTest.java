package dev.belljar.linux.call;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belljar.linux.event.EventLoop;
import dev.belljar.linux.testing.KernelTest;
import dev.belljar.linux.testing.WarmUp;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;

@KernelTest
class PollCallsTest {
  @WarmUp
  static void startTheLoop() {
    EventLoop.shared();
  }

  @Test
  void whatIsWrittenIsNoHangUp() {
    try (Pipe pipe = FileCalls.pipe(0)) {
      FileCalls.write(pipe.write().number(), new byte[] {1});

      assertThat(PollCalls.awaitReadable(pipe.read().number(), 0)).isTrue();
      assertThat(PollCalls.awaitHangUp(pipe.read().number(), 0)).isFalse();
      pipe.write().close();
      assertThat(PollCalls.awaitHangUp(pipe.read().number(), -1)).isTrue();
    }
  }

  @Test
  void norIsItInAVirtualThread() throws Exception {
    try (Pipe pipe = FileCalls.pipe(0);
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      int fd = pipe.read().number();
      FileCalls.write(pipe.write().number(), new byte[] {1});

      assertThat(threads.submit(() -> EventLoop.awaitHangUp(fd, 0)).get()).isFalse();
      pipe.write().close();
      assertThat(threads.submit(() -> EventLoop.awaitHangUp(fd, -1)).get()).isTrue();
    }
  }
}
