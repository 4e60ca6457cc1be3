package dev.belljar.linux.call;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.belljar.linux.testing.RequiresTool;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class ClockTicksTest {
  private static byte[] vector(long... pairs) {
    ByteBuffer bytes = ByteBuffer.allocate(pairs.length * 8).order(ByteOrder.nativeOrder());
    bytes.asLongBuffer().put(pairs);
    return bytes.array();
  }

  @Test
  @RequiresTool("getconf")
  void aSecondHasAsManyTicksAsTheCLibrarySays() throws IOException {
    Process getconf = new ProcessBuilder("getconf", "CLK_TCK").start();
    try (var output = getconf.getInputStream()) {
      String ticks = new String(output.readAllBytes(), StandardCharsets.US_ASCII).strip();

      assertThat(ClockTicks.perSecond()).isEqualTo(Long.parseLong(ticks));
    }
  }

  @Test
  void theKeyIsLookedForAmongTheOthers() {
    assertThat(ClockTicks.parse(vector(6, 4096, 17, 250, 0, 0))).isEqualTo(250);
  }

  @Test
  void aVectorWithoutTheKeyIsSaidToBe() {
    assertThatIllegalStateException()
        .isThrownBy(() -> ClockTicks.parse(vector(17 << 8, 17)))
        .withMessageContaining("AT_CLKTCK");
  }
}
