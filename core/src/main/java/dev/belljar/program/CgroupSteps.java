package dev.belljar.program;

import static dev.belljar.linux.launch.ProgramBuilder.literal;

import dev.belljar.linux.syscall.SyscallNumber;
import java.nio.charset.StandardCharsets;

/** Joining the groups of v1 hierarchies, which a clone can not do. */
final class CgroupSteps {
  private CgroupSteps() {}

  // 0 means the writing thread, here the only one; cgroup.procs would take a global lock.
  static void attachV1(ContainerProgram.Draft draft, int groups) {
    for (int i = 0; i < groups; i++) {
      draft
          .steps
          .call(
              SyscallNumber.WRITE,
              draft.input(new Input.Tasks(i)),
              draft.steps.constant("0".getBytes(StandardCharsets.US_ASCII)),
              literal(1))
          .named("join the container's control group")
          .demand(1);
    }
  }
}
