package dev.belljar.linux.asm;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

@RunsOn(Isa.X86_64)
class X86RunnerTest extends RunnerContract {
  X86RunnerTest() {
    super(Isa.X86_64);
  }

  /** The emulator shows its own mappings, so this one is for the real thing. */
  @Test
  void nothingIsBothWritableAndExecutable() {
    TestImage image = new TestImage(Isa.X86_64);
    TestImage.Operand fd = image.cell(-1);
    TestImage.Operand length = image.cell(-1);
    long buffer = image.bytes(new byte[8192]);
    image
        .call(
            Call.OPENAT,
            TestImage.value(-1),
            TestImage.value(image.string("/proc/self/maps")),
            TestImage.value(0))
        .into(fd);
    image.call(Call.READ, fd, TestImage.value(buffer), TestImage.value(8192)).into(length);
    image.call(Call.WRITE, TestImage.value(1), TestImage.value(buffer), length);
    image.exit(0);

    List<String> mappings = ImageRun.run(image).text().lines().toList();

    assertThat(mappings).anyMatch(line -> line.matches("00400000-\\S+ r-xp .*"));
    assertThat(mappings).anyMatch(line -> line.matches("00410000-\\S+ rw-p .*"));
    assertThat(mappings).anyMatch(line -> line.matches("\\S+ rw-p .*\\[stack]"));
    assertThat(mappings).noneMatch(line -> line.matches("\\S+ .wx. .*"));
  }
}
