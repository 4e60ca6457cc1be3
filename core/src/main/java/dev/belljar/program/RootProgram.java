package dev.belljar.program;

import static dev.belljar.linux.launch.ProgramBuilder.literal;

import dev.belljar.linux.call.OpenFlags;
import dev.belljar.linux.launch.Argument;
import dev.belljar.linux.launch.DescriptorSteps;
import dev.belljar.linux.launch.ProgramBuilder;
import dev.belljar.linux.launch.ProgramBuilder.Variable;
import dev.belljar.linux.launch.Report;
import dev.belljar.linux.syscall.Syscall;
import dev.belljar.linux.syscall.SyscallNumber;
import dev.belljar.namespaces.NamespaceType;
import dev.belljar.namespaces.launch.NamespaceSteps;
import java.util.List;

/** A process that enters a running container's mounts and hands over their root directory. */
public final class RootProgram {
  private static final int FLAGS = OpenFlags.O_PATH | OpenFlags.O_DIRECTORY | OpenFlags.O_CLOEXEC;

  private RootProgram() {}

  /**
   * Returns the program. It sees nothing of the container but its mounts, and is seen by no process
   * in it.
   *
   * @param handles the kinds of namespace that the container has descriptors of; when empty, its
   *     MOUNT is entered through its pidfd
   */
  public static ContainerProgram of(List<NamespaceType> handles) {
    ContainerProgram.Draft draft = new ContainerProgram.Draft();
    ProgramBuilder program = draft.steps;
    ProcessSteps.becomeUndumpable(program);
    enter(draft, handles);
    Variable root = program.variable("root", -1);
    program
        .call(
            SyscallNumber.OPENAT,
            literal(Syscall.AT_FDCWD, "AT_FDCWD"),
            program.string("/"),
            literal(FLAGS, OpenFlags.text(FLAGS)),
            literal(0))
        .named("open the container's root directory")
        .into(root);
    Argument socket = draft.input(Input.Single.ROOT);
    DescriptorSteps.send(program, socket, root.value(), "hand the root directory to the JVM");
    Report.addReady(program);
    program.exit(0);
    return draft.finish();
  }

  // The last USER is the container's own, and gives the right to enter its MOUNT.
  private static void enter(ContainerProgram.Draft draft, List<NamespaceType> handles) {
    if (handles.isEmpty()) {
      NamespaceSteps.enterAll(
          draft.steps, NamespaceType.MOUNT.flag(), draft.input(Input.Single.CONTAINER));
      return;
    }
    for (NamespaceType type : List.of(NamespaceType.USER, NamespaceType.MOUNT)) {
      int index = handles.lastIndexOf(type);
      if (index >= 0) {
        NamespaceSteps.enter(draft.steps, type, draft.input(new Input.Entered(index)));
      }
    }
  }
}
