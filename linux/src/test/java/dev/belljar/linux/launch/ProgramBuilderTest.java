package dev.belljar.linux.launch;

import static dev.belljar.linux.launch.ProgramBuilder.literal;
import static dev.belljar.linux.launch.ProgramBuilder.nothing;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.belljar.linux.Errno;
import dev.belljar.linux.syscall.SyscallNumber;
import java.util.List;
import org.junit.jupiter.api.Test;

class ProgramBuilderTest {
  private final ProgramBuilder builder = new ProgramBuilder();

  @Test
  void theFirstInputIsWhereReportsGo() {
    builder.exit(0);

    LaunchProgram program = builder.build();

    assertThat(program.cells()).containsExactly(new Cell("report", 0, true));
    assertThat(builder.report().resolve()).isEqualTo(new Operand.CellValue(0));
    assertThat(program.inputs()).isOne();
  }

  @Test
  void withoutReportsThereIsNoInput() {
    ProgramBuilder silent = ProgramBuilder.withoutReports();
    silent.exit(0);

    assertThat(silent.build().inputs()).isZero();
    assertThat(silent.build().cells()).containsExactly(new Cell("nobody", -1, false));
  }

  @Test
  void inputsComeBeforeVariablesInWhateverOrderTheyAreDeclared() {
    ProgramBuilder.Variable pid = builder.variable("pid", 5);
    Argument root = builder.input("root");
    builder.call(SyscallNumber.FCHDIR, root, pid.value(), pid.address());

    LaunchProgram program = builder.build();

    assertThat(program.cells())
        .containsExactly(
            new Cell("report", 0, true), new Cell("root", 0, true), new Cell("pid", 5, false));
    assertThat(program.steps().getFirst().operands())
        .containsExactly(
            new Operand.CellValue(1), new Operand.CellValue(2), new Operand.CellAddress(2));
  }

  @Test
  void constantsThatAreEqualAreCarriedOnce() {
    assertThat(builder.string("/proc").resolve()).isEqualTo(builder.string("/proc").resolve());
    assertThat(builder.string("/sys").resolve()).isEqualTo(new Operand.BlockAddress(1, 0));
    assertThat(builder.build().blocks()).hasSize(2);
  }

  @Test
  void memoryIsNeverSharedSinceCallsChangeIt() {
    builder.constant(new byte[8]);
    ProgramBuilder.Memory one = builder.memory(new byte[8]);
    ProgramBuilder.Memory other = builder.memory(new byte[8]);

    assertThat(one.address().resolve()).isEqualTo(new Operand.BlockAddress(1, 0));
    assertThat(other.at(4).resolve()).isEqualTo(new Operand.BlockAddress(2, 4));
  }

  @Test
  void stringsEndWithNul() {
    builder.string("é");

    assertThat(builder.build().blocks().getFirst().bytes())
        .containsExactly((byte) 0xc3, (byte) 0xa9, 0);
  }

  @Test
  void errorsFailUnlessSomethingElseIsSaid() {
    builder.call(SyscallNumber.SETSID);
    builder.exit(0);

    assertThat(rules(0)).containsExactly(new ErrorRule(ErrorRule.ANY_OTHER, ErrorRule.FAIL));
  }

  @Test
  void ignoredErrorsGoOnWithTheNextStep() {
    builder.call(SyscallNumber.GETPID);
    builder.call(SyscallNumber.SETSID).ignore(Errno.EPERM, Errno.EINVAL);
    builder.call(SyscallNumber.SETSID).ignoreAll();
    builder.exit(0);

    assertThat(rules(1))
        .containsExactly(
            new ErrorRule(Errno.EPERM.number(), 2),
            new ErrorRule(Errno.EINVAL.number(), 2),
            new ErrorRule(ErrorRule.ANY_OTHER, ErrorRule.FAIL));
    assertThat(rules(2)).containsExactly(new ErrorRule(ErrorRule.ANY_OTHER, 3));
  }

  @Test
  void errorsLeadToLabelsBeforeAndBehind() {
    ProgramBuilder.Label again = builder.label();
    ProgramBuilder.Label end = builder.label();
    builder.place(again);
    builder
        .call(SyscallNumber.EXECVE)
        .onAnyOther(end)
        .on(Errno.EINTR, again)
        .on(Errno.EAGAIN, again);
    builder.exit(1);
    builder.place(end);
    builder.exit(2);

    assertThat(rules(0))
        .containsExactly(
            new ErrorRule(Errno.EINTR.number(), 0),
            new ErrorRule(Errno.EAGAIN.number(), 0),
            new ErrorRule(ErrorRule.ANY_OTHER, 2));
  }

  @Test
  void theLastWordAboutAnErrorCounts() {
    ProgramBuilder.Label end = builder.label();
    builder.call(SyscallNumber.SETSID).ignore(Errno.EPERM).on(Errno.EPERM, end);
    builder.exit(0);
    builder.place(end);
    builder.exit(1);

    assertThat(rules(0)).contains(new ErrorRule(Errno.EPERM.number(), 2)).hasSize(2);
  }

  private List<ErrorRule> rules(int step) {
    return builder.build().steps().get(step).errors();
  }

  @Test
  void jumpsCompareTwoValues() {
    ProgramBuilder.Label end = builder.label();
    builder.jumpIfEqual(literal(1), literal(2), end);
    builder.jumpUnlessEqual(literal(1), literal(2), end);
    builder.jumpIfLess(literal(1), literal(2), end);
    builder.jump(end);
    builder.place(end);
    builder.exit(0);

    assertThat(builder.build().steps().subList(0, 4))
        .extracting(Step::operation)
        .containsExactly(
            Operation.Control.JUMP_EQUAL,
            Operation.Control.JUMP_NOT_EQUAL,
            Operation.Control.JUMP_LESS,
            Operation.Control.JUMP_EQUAL);
    assertThat(builder.build().steps().subList(0, 4))
        .extracting(step -> step.operands().getLast())
        .containsOnly(new Operand.Target(4));
  }

  @Test
  void aLabelThatWasNeverPlacedIsAMistake() {
    builder.jump(builder.label());

    assertThatIllegalStateException()
        .isThrownBy(builder::build)
        .withMessage("a jump leads to a label that was never placed");
  }

  @Test
  void aLabelAtTheVeryEndLeadsNowhere() {
    ProgramBuilder.Label end = builder.label();
    builder.jump(end);
    builder.place(end);

    assertThatIllegalArgumentException()
        .isThrownBy(builder::build)
        .withMessage("target 1 is not within 0 to 0");
  }

  @Test
  void moreMayBeAddedAfterBuilding() {
    builder.exit(0);
    LaunchProgram first = builder.build();
    builder.exit(1);

    assertThat(first.steps()).hasSize(1);
    assertThat(builder.build().steps()).hasSize(2);
  }

  @Test
  void aCallHasAtMostSixOperands() {
    Argument[] seven = {
      nothing(), nothing(), nothing(), nothing(), nothing(), nothing(), nothing()
    };
    builder.call(SyscallNumber.MMAP, seven);

    assertThatIllegalArgumentException().isThrownBy(builder::build).withMessageContaining("six");
  }
}
