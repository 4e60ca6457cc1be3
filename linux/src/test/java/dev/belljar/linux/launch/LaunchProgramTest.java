package dev.belljar.linux.launch;

import static dev.belljar.linux.launch.ProgramBuilder.literal;
import static dev.belljar.linux.launch.ProgramBuilder.nothing;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.belljar.linux.Errno;
import dev.belljar.linux.syscall.SyscallNumber;
import dev.belljar.linux.uapi.Uapi;
import java.util.List;
import org.junit.jupiter.api.Test;

class LaunchProgramTest {
  private final ProgramBuilder builder = new ProgramBuilder();

  @Test
  void printsEachStepTheWayStraceWould() {
    ProgramBuilder.Label search = builder.label();
    Argument root = builder.input("root directory");
    ProgramBuilder.Variable session = builder.variable("session");
    builder.call(SyscallNumber.SETSID).into(session).named("begin a session").ignore(Errno.EPERM);
    builder
        .call(
            SyscallNumber.MOUNT,
            nothing(),
            builder.string("/"),
            nothing(),
            literal(0x84000, "MS_REC|MS_SLAVE"),
            nothing())
        .named("receive mounts, send none");
    builder.call(SyscallNumber.FCHDIR, root).demand(0);
    builder.call(SyscallNumber.READ, root, session.address(), literal(8)).demandAtLeast(1);
    builder.place(search);
    builder
        .call(
            SyscallNumber.EXECVE,
            builder.string("/bin/true"),
            new Operand.Arguments(),
            new Operand.Environment())
        .on(Errno.ENOENT, search)
        .ignoreAll();
    builder.exit(127);

    assertThat(builder.build().toString())
        .isEqualTo(
            """
              0  $session = setsid()  [EPERM: ignored]  # begin a session
              1  mount(NULL, "/", NULL, MS_REC|MS_SLAVE, NULL)  # receive mounts, send none
              2  fchdir($root_directory)  == 0
              3  read($root_directory, &$session, 8)  >= 1
              4  execve("/bin/true", argv, envp)  [ENOENT: step 4]  [errors: ignored]
              5  exit_group(127)
            """);
  }

  @Test
  void printsControlStepsAsStatements() {
    ProgramBuilder.Label end = builder.label();
    ProgramBuilder.Variable value = builder.variable("");
    Argument memory = builder.memory(new byte[] {1, 2}).at(1);
    builder.jump(end);
    builder.jumpIfEqual(value.value(), literal(1), end);
    builder.jumpUnlessEqual(value.value(), literal(1), end);
    builder.jumpIfLess(value.value(), literal(1), end);
    builder.control(Operation.Control.LOAD64, memory, literal(8)).into(value);
    builder.control(Operation.Control.LOAD32, memory, literal(8));
    builder.control(Operation.Control.STORE64, memory, literal(8), value.value());
    builder.control(Operation.Control.STORE32, memory, literal(8), value.value());
    builder.control(Operation.Control.ADD, value.value(), literal(-1));
    builder.place(end);
    builder.control(Operation.Control.FAIL, literal(2));

    assertThat(builder.build().toString())
        .isEqualTo(
            """
              0  goto step 9
              1  if $1 == 1 goto step 9
              2  if $1 != 1 goto step 9
              3  if $1 < 1 goto step 9
              4  $1 = *(u64 *)({0102}+1 + 8)
              5  *(u32 *)({0102}+1 + 8)
              6  *(u64 *)({0102}+1 + 8) = $1
              7  *(u32 *)({0102}+1 + 8) = $1
              8  $1 + -1
              9  fail with errno 2
            """);
  }

  @Test
  void describesAStepForErrorMessages() {
    builder.call(SyscallNumber.SETSID).named("begin a session");
    builder.exit(0);

    assertThat(builder.build().describe(0)).isEqualTo("step 0, begin a session (setsid())");
    assertThat(builder.build().describe(1)).isEqualTo("step 1 (exit_group(0))");
  }

  @Test
  void knowsWhichCallsItMakes() {
    builder.call(SyscallNumber.SETSID);

    assertThat(builder.build().calls(SyscallNumber.SETSID)).isTrue();
    assertThat(builder.build().calls(SyscallNumber.MOUNT)).isFalse();
  }

  @Test
  void refusesToChangeANamespaceThatIsNotTheChildsOwn() {
    builder.call(SyscallNumber.SETHOSTNAME).named("set the host name").changes(Uapi.CLONE_NEWUTS());
    builder.call(SyscallNumber.MOUNT).changes(Uapi.CLONE_NEWNS());
    LaunchProgram program = builder.build();

    assertThatIllegalArgumentException()
        .isThrownBy(() -> program.requireNamespaces(Uapi.CLONE_NEWPID()))
        .withMessage(
            "step 0, set the host name (sethostname()) changes a namespace that is not the child's"
                + " own (0x4000000); step 1 (mount()) changes a namespace that is not the child's"
                + " own (0x20000)");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> program.requireNamespaces(Uapi.CLONE_NEWUTS()))
        .withMessageStartingWith("step 1 (mount())");
    assertThatCode(() -> program.requireNamespaces(Uapi.CLONE_NEWUTS() | Uapi.CLONE_NEWNS()))
        .doesNotThrowAnyException();
  }

  @Test
  void refusesOperandsThatLeadNowhere() {
    assertRefused(new Operand.CellValue(1), "cell 1 is not within 0 to 0");
    assertRefused(new Operand.CellAddress(-1), "cell -1 is not within 0 to 0");
    assertRefused(new Operand.BlockAddress(0, 0), "block 0 is not within 0 to -1");
    assertRefused(new Operand.Target(1), "target 1 is not within 0 to 0");
  }

  private static void assertRefused(Operand operand, String message) {
    ProgramBuilder builder = new ProgramBuilder();
    builder.call(SyscallNumber.READ, operand);
    assertThatIllegalArgumentException().isThrownBy(builder::build).withMessage(message);
  }

  @Test
  void anAddressMayStandRightBehindItsBlock() {
    ProgramBuilder.Memory memory = builder.memory(new byte[4]);
    builder.call(SyscallNumber.READ, memory.at(4));
    assertThat(builder.build().call(0)).isEqualTo("read({00000000}+4)");

    builder.call(SyscallNumber.READ, memory.at(5));
    assertThatIllegalArgumentException()
        .isThrownBy(builder::build)
        .withMessage("offset 5 is not within 0 to 4");
  }

  @Test
  void refusesCellsInTheWrongOrderOrWithoutTheReports() {
    Cell input = new Cell("input", 0, true);
    Cell variable = new Cell("variable", 0, false);

    assertThatIllegalArgumentException()
        .isThrownBy(() -> new LaunchProgram(List.of(), List.of(), List.of()));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new LaunchProgram(List.of(), List.of(variable, input), List.of()));
  }

  @Test
  void programsThatDoTheSameAreEqualWhateverTheyCallIt() {
    builder.call(SyscallNumber.FCHDIR, literal(3, "root")).named("one").changes(1);
    ProgramBuilder other = new ProgramBuilder();
    other.call(SyscallNumber.FCHDIR, literal(3)).named("another");

    assertThat(builder.build()).isNotEqualTo(other.build());
    assertThat(builder.build().bare()).isEqualTo(other.build().bare());
  }
}
