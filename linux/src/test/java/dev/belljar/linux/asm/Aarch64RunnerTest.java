package dev.belljar.linux.asm;

@RunsOn(Isa.AARCH64)
class Aarch64RunnerTest extends RunnerContract {
  Aarch64RunnerTest() {
    super(Isa.AARCH64);
  }
}
