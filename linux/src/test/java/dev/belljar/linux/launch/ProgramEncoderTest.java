package dev.belljar.linux.launch;

import static dev.belljar.linux.launch.ProgramBuilder.literal;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.belljar.linux.Errno;
import dev.belljar.linux.asm.ImageLayout;
import dev.belljar.linux.syscall.Architecture;
import dev.belljar.linux.syscall.SyscallNumber;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ProgramEncoderTest {
  @Provide
  Arbitrary<LaunchProgram> programs() {
    return Programs.all();
  }

  @Property(tries = 300, edgeCases = EdgeCasesMode.NONE)
  void anyProgramSurvivesEncodingAndDecoding(
      @ForAll("programs") LaunchProgram program, @ForAll Architecture architecture) {
    byte[] data = ProgramEncoder.encode(program, architecture);

    assertThat(ImageDecoder.decode(data, architecture, program)).isEqualTo(padded(program.bare()));
  }

  /** As the image has it, which holds six operands for every step. */
  private static LaunchProgram padded(LaunchProgram program) {
    return new LaunchProgram(
        program.steps().stream().map(ProgramEncoderTest::padded).toList(),
        program.cells(),
        program.blocks());
  }

  private static Step padded(Step step) {
    List<Operand> operands = new ArrayList<>(step.operands());
    while (operands.size() < Step.MOST_OPERANDS) {
      operands.add(new Operand.Literal(0, "0"));
    }
    return new Step(
        "", step.operation(), operands, step.result(), step.demand(), step.errors(), 0, Map.of());
  }

  @ParameterizedTest
  @EnumSource
  void theExecutableHoldsTheEncodedProgram(Architecture architecture) {
    ProgramBuilder builder = new ProgramBuilder();
    builder.exit(3);
    LaunchProgram program = builder.build();

    byte[] file = ProgramEncoder.executable(program, architecture);

    assertThat(Arrays.copyOfRange(file, ImageLayout.DATA_OFFSET, file.length))
        .isEqualTo(ProgramEncoder.encode(program, architecture));
    assertThat(file).startsWith(0x7f, 'E', 'L', 'F');
    int machine = file[18] & 0xff | file[19] << 8;
    assertThat(machine).isEqualTo(architecture == Architecture.AARCH64 ? 183 : 62);
  }

  @Test
  void stepsWithTheSameRulesShareATable() {
    ProgramBuilder alike = new ProgramBuilder();
    alike.call(SyscallNumber.SETSID);
    alike.call(SyscallNumber.GETPID);
    alike.exit(0);
    ProgramBuilder different = new ProgramBuilder();
    different.call(SyscallNumber.SETSID).ignore(Errno.EPERM);
    different.call(SyscallNumber.GETPID).ignore(Errno.EPERM); // another step is the next one
    different.exit(0);

    assertThat(size(different)).isEqualTo(size(alike) + 2 * 2 * ImageLayout.ERRNO_ENTRY_SIZE);
  }

  private static int size(ProgramBuilder builder) {
    return ProgramEncoder.encode(builder.build(), Architecture.X86_64).length;
  }

  @Test
  void theDescriptorOfReportsIsTheFirstInput() {
    ProgramBuilder builder = new ProgramBuilder();
    builder.input("root");
    builder.variable("pid", 7);
    builder.exit(0);

    byte[] data = ProgramEncoder.encode(builder.build(), Architecture.X86_64);

    assertThat(data[ImageLayout.INPUT_COUNT]).isEqualTo((byte) 2);
    assertThat(data[ImageLayout.CELLS + 2 * 8]).isEqualTo((byte) 7);
  }

  @Test
  void aProgramWithoutReportsWritesThemNowhere() {
    ProgramBuilder builder = ProgramBuilder.withoutReports();
    builder.exit(0);

    byte[] data = ProgramEncoder.encode(builder.build(), Architecture.X86_64);

    assertThat(data[ImageLayout.INPUT_COUNT]).isZero();
    assertThat(Arrays.copyOfRange(data, ImageLayout.CELLS, ImageLayout.CELLS + 8))
        .containsOnly(0xff);
  }

  @Test
  void aProgramThatWouldRunPastItsEndIsRefused() {
    ProgramBuilder empty = new ProgramBuilder();
    assertThatIllegalArgumentException().isThrownBy(() -> executable(empty));

    ProgramBuilder open = new ProgramBuilder();
    open.call(SyscallNumber.SETSID);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> executable(open))
        .withMessageContaining("the last step must end the process")
        .withMessageContaining("setsid()");
  }

  @Test
  void aProgramMayEndInAJumpBackOrAFailure() {
    ProgramBuilder loop = new ProgramBuilder();
    ProgramBuilder.Label start = loop.label();
    loop.place(start);
    loop.call(SyscallNumber.GETPID);
    loop.jump(start);
    assertThat(executable(loop)).isNotEmpty();

    ProgramBuilder failing = new ProgramBuilder();
    failing.control(Operation.Control.FAIL, literal(Errno.ENOENT.number()));
    assertThat(executable(failing)).isNotEmpty();
  }

  @Test
  void aProgramMayNotEndInAJumpThatMayNotBeTaken() {
    ProgramBuilder builder = new ProgramBuilder();
    ProgramBuilder.Label start = builder.label();
    builder.place(start);
    builder.jumpUnlessEqual(builder.report(), literal(4), start);

    assertThatIllegalArgumentException().isThrownBy(() -> executable(builder));
  }

  private static byte[] executable(ProgramBuilder builder) {
    return ProgramEncoder.executable(builder.build(), Architecture.X86_64);
  }
}
