package dev.belljar;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belljar.linux.call.FileCalls;
import dev.belljar.linux.call.Pipe;
import dev.belljar.linux.testing.Effort;
import dev.belljar.stream.PipeInput;
import dev.belljar.stream.PipeOutput;
import java.io.IOException;
import java.util.concurrent.CyclicBarrier;
import org.junit.jupiter.api.Test;

/** A stream's descriptor is closed at the end, even when a thread is just using the stream. */
class StreamEndTest extends ContainerTest {
  private static final int TRIES = Effort.of(5000);

  /** Uses a stream. */
  private interface Use {
    void run() throws IOException;
  }

  private static void whileEnding(Use use, Runnable ending) throws Exception {
    CyclicBarrier both = new CyclicBarrier(2);
    Thread other =
        Thread.ofPlatform()
            .start(() -> {
              awaitOther(both);
              ending.run();
            });
    awaitOther(both);
    use.run();
    other.join();
  }

  private static void awaitOther(CyclicBarrier both) {
    try {
      both.await();
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void whatIsReadAsTheProcessEndsIsReadAndTheDescriptorClosed() throws Exception {
    for (int i = 0; i < TRIES; i++) {
      Pipe pipe = FileCalls.pipe(0);
      PipeInput input = new PipeInput(pipe.read());
      try (var _ = pipe.write()) {
        FileCalls.write(pipe.write().number(), new byte[] {7, 8});
        whileEnding(() -> assertThat(input.read()).isEqualTo(7), input::processEnded);
        assertThat(pipe.read().isClosed()).as("in try %d", i).isTrue();
        assertThat(input.readAllBytes()).containsExactly(8);
      }
    }
  }

  @Test
  void whatIsWrittenAsTheProcessEndsLeavesNoDescriptor() throws Exception {
    for (int i = 0; i < TRIES; i++) {
      Pipe pipe = FileCalls.pipe(0);
      PipeOutput output = new PipeOutput(pipe.write());
      try (var _ = pipe.read()) {
        whileEnding(() -> writeOrFindClosed(output), output::processEnded);
        assertThat(pipe.write().isClosed()).as("in try %d", i).isTrue();
      }
    }
  }

  private static void writeOrFindClosed(PipeOutput output) {
    try {
      output.write(7);
    } catch (IOException e) {
      assertThat(e).hasMessageContaining("closed");
    }
  }
}
