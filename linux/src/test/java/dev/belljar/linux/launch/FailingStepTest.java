package dev.belljar.linux.launch;

import static dev.belljar.linux.launch.ProgramBuilder.literal;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.belljar.linux.Errno;
import dev.belljar.linux.LinuxException;
import dev.belljar.linux.syscall.SyscallNumber;
import java.util.List;
import java.util.stream.IntStream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** Whatever step fails, the report names that step; and no other one does. */
class FailingStepTest {
  /** Ways for a step to be done, each of them leaving the process as it is. */
  private enum Good {
    CALL {
      @Override
      void add(ProgramBuilder program) {
        program.call(SyscallNumber.GETPID).named("good");
      }
    },
    IGNORED_ERROR {
      @Override
      void add(ProgramBuilder program) {
        program.call(SyscallNumber.FCHDIR, literal(-1)).named("good").ignore(Errno.EBADF);
      }
    },
    OTHER_WAY_AFTER_AN_ERROR {
      @Override
      void add(ProgramBuilder program) {
        ProgramBuilder.Label other = program.label();
        program.call(SyscallNumber.FCHDIR, literal(-1)).named("good").on(Errno.EBADF, other);
        program.exit(1);
        program.place(other);
        program.call(SyscallNumber.GETUID).named("good");
      }
    },
    MET_DEMAND {
      @Override
      void add(ProgramBuilder program) {
        program.control(Operation.Control.ADD, literal(2), literal(2)).named("good").demand(4);
      }
    },
    JUMP {
      @Override
      void add(ProgramBuilder program) {
        ProgramBuilder.Label end = program.label();
        program.jumpIfLess(literal(-1), literal(1), end);
        program.exit(1);
        program.place(end);
        program.call(SyscallNumber.GETPID).named("good");
      }
    };

    abstract void add(ProgramBuilder program);
  }

  /** Ways for a step to fail, with what is told about each. */
  private enum Bad {
    ERROR(Errno.ENOTDIR.number()) {
      @Override
      StepDraft add(ProgramBuilder program) {
        return program.call(SyscallNumber.CHDIR, program.string("/proc/version"));
      }
    },
    ERROR_WITHOUT_A_RULE(Errno.EBADF.number()) {
      @Override
      StepDraft add(ProgramBuilder program) {
        return program.call(SyscallNumber.FCHDIR, literal(-1)).ignore(Errno.EIO, Errno.EPERM);
      }
    },
    UNMET_DEMAND(0) {
      @Override
      StepDraft add(ProgramBuilder program) {
        return program.call(SyscallNumber.FCNTL, program.report(), literal(1)).demandAtLeast(99);
      }
    },
    CONTROL(Errno.EDEADLK.number()) {
      @Override
      StepDraft add(ProgramBuilder program) {
        return program.control(Operation.Control.FAIL, literal(Errno.EDEADLK.number()));
      }
    };

    private final int errno;

    Bad(int errno) {
      this.errno = errno;
    }

    abstract StepDraft add(ProgramBuilder program);
  }

  private record Case(List<Good> before, Bad bad, List<Good> after) {}

  @Provide
  Arbitrary<Object> cases() {
    Arbitrary<List<Good>> good = Arbitraries.of(Good.class).list().ofMaxSize(8);
    return Combinators.combine(good, Arbitraries.of(Bad.class), good).as(Case::new);
  }

  @Property(tries = 60, edgeCases = EdgeCasesMode.NONE)
  void theStepThatFailedIsNamed(@ForAll("cases") Object generated) {
    Case example = (Case) generated;
    ProgramBuilder program = new ProgramBuilder();
    example.before().forEach(step -> step.add(program));
    example.bad().add(program).named("bad");
    example.after().forEach(step -> step.add(program));
    TestLaunch.addExec(program, "/bin/true");

    LaunchProgram done = program.build();
    List<String> bad =
        IntStream.range(0, done.steps().size())
            .filter(index -> done.steps().get(index).name().equals("bad"))
            .mapToObj(done::call)
            .toList();

    LinuxException failure =
        catchThrowableOfType(LinuxException.class, TestLaunch.of(program, "true")::start);

    assertThat(failure.doing()).startsWith("bad");
    assertThat(failure.call()).isEqualTo(bad.getFirst());
    assertThat(failure.errno()).isEqualTo(example.bad().errno);
    assertThat(failure.getSuppressed()).isEmpty();
  }
}
