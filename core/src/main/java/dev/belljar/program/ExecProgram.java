package dev.belljar.program;

import dev.belljar.linux.launch.Argument;
import dev.belljar.linux.launch.ProgramBuilder;
import dev.belljar.namespaces.NamespaceType;
import dev.belljar.namespaces.launch.NamespaceSteps;
import dev.belljar.rootfs.launch.Terminal;
import java.util.List;
import java.util.Optional;

/**
 * Orders what happens when a command is put into a running container: its groups and namespaces are
 * entered, then the process is prepared as the first one was.
 */
public final class ExecProgram {
  private ExecProgram() {}

  /**
   * What an exec has to do.
   *
   * @param own the container's kinds of namespace
   * @param handles the kinds that are entered by a descriptor each, in this order; when empty, all
   *     are entered at once through the container's pidfd
   * @param v1Groups how many v1 {@code tasks} files to write
   * @param v2Group whether there is a group in the v2 tree
   * @param terminal the size of the terminal that the command has instead of streams
   * @param process the command's process
   */
  public record Settings(
      List<NamespaceType> own,
      List<NamespaceType> handles,
      int v1Groups,
      boolean v2Group,
      Optional<TerminalSize> terminal,
      ProcessSettings process) {
    /** Copies the lists. */
    public Settings {
      own = List.copyOf(own);
      handles = List.copyOf(handles);
    }

    /** Tells whether the runner forks: PID holds for children, a v2 group is entered by a clone. */
    public boolean forks() {
      return v2Group || own.contains(NamespaceType.PID) || own.contains(NamespaceType.TIME);
    }
  }

  /** Returns the program of an exec. */
  public static ContainerProgram of(Settings settings) {
    ContainerProgram.Draft draft = new ContainerProgram.Draft();
    ProgramBuilder program = draft.steps;
    ProcessSteps.closeDescriptorsOnExec(program);
    ProcessSteps.becomeUndumpable(program);
    CgroupSteps.attachV1(draft, settings.v1Groups());
    Optional<Argument> cgroup =
        settings.v2Group() ? Optional.of(draft.input(Input.Single.CGROUP)) : Optional.empty();
    enter(draft, settings);
    if (settings.forks()) {
      ForkSteps.sibling(program, 0, cgroup);
    }
    ProcessSteps.cleanStart(program);
    if (settings.terminal().isPresent()) {
      Terminal made = Terminal.ofRunning(program);
      Credentials owner = settings.process().credentials();
      TerminalSteps.use(program, TerminalSteps.hand(draft, made, settings.terminal().get(), owner));
    } else {
      ProcessSteps.standardStreams(draft);
    }
    ProcessEnd.add(draft, settings.process());
    return draft.finish();
  }

  private static void enter(ContainerProgram.Draft draft, Settings settings) {
    for (int i = 0; i < settings.handles().size(); i++) {
      NamespaceSteps.enter(
          draft.steps, settings.handles().get(i), draft.input(new Input.Entered(i)));
    }
    if (settings.handles().isEmpty() && !settings.own().isEmpty()) {
      NamespaceSteps.enterAll(
          draft.steps, NamespaceType.flags(settings.own()), draft.input(Input.Single.CONTAINER));
    }
  }
}
