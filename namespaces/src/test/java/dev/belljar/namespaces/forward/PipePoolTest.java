package dev.belljar.namespaces.forward;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belljar.linux.call.Pipe;
import dev.belljar.linux.call.SpliceCalls;
import dev.belljar.linux.testing.KernelTest;
import dev.belljar.linux.testing.RequiresRoot;
import org.junit.jupiter.api.Test;

@KernelTest
@RequiresRoot // whose pipes may hold any amount
class PipePoolTest {
  @Test
  void thereMayBeAnotherLargePipeAfterOneIsClosed() {
    try (PipePool pool = PipePool.ofUsefulPipes()) {
      Pipe first = pool.take().orElseThrow();
      long large = SpliceCalls.pipeSize(first.write().number());
      pool.giveBack(first, false);
      for (int i = 0; i < 20; i++) {
        Pipe next = pool.take().orElseThrow();
        assertThat(SpliceCalls.pipeSize(next.write().number())).isEqualTo(large);
        pool.giveBack(next, false); // what is in it makes it useless
      }
    }
  }
}
