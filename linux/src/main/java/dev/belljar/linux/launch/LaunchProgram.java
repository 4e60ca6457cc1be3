package dev.belljar.linux.launch;

import dev.belljar.linux.Errno;
import dev.belljar.linux.syscall.SyscallNumber;
import java.util.ArrayList;
import java.util.List;
import java.util.StringJoiner;

/**
 * What a child process does between its clone and its exec, as data: an immutable list of steps.
 *
 * <p>Nothing may run Java code in that time, since of a JVM's many threads only one is in the
 * child. A program is made with {@link ProgramBuilder}, printed with {@link #toString()}, turned
 * into an executable by {@link ProgramEncoder} and started by {@link Launcher}. Being data, it can
 * be compared and tested without any privilege.
 *
 * @param steps the steps, in the order they run but for jumps
 * @param cells the cells; inputs come first, and the first input is where failures are reported
 * @param blocks the bytes carried along
 */
public record LaunchProgram(List<Step> steps, List<Cell> cells, List<Block> blocks) {
  /** Copies the lists and checks that every operand and jump leads somewhere. */
  public LaunchProgram {
    steps = List.copyOf(steps);
    cells = List.copyOf(cells);
    blocks = List.copyOf(blocks);
    if (cells.isEmpty()) {
      throw new IllegalArgumentException("cell 0, for reports, is missing");
    }
    for (int i = 1; i < cells.size(); i++) {
      if (cells.get(i).input() && !cells.get(i - 1).input()) {
        throw new IllegalArgumentException("inputs come before other cells");
      }
    }
    for (Step step : steps) {
      for (Operand operand : step.operands()) {
        check(operand, steps.size(), cells.size(), blocks);
      }
      within(step.result(), Step.NO_RESULT, cells.size(), "result cell");
      for (ErrorRule rule : step.errors()) {
        within(rule.target(), ErrorRule.FAIL, steps.size(), "target");
      }
    }
  }

  private static void check(Operand operand, int steps, int cells, List<Block> blocks) {
    switch (operand) {
      case Operand.CellValue(int cell) -> within(cell, 0, cells, "cell");
      case Operand.CellAddress(int cell) -> within(cell, 0, cells, "cell");
      case Operand.BlockAddress(int block, int offset) -> {
        within(block, 0, blocks.size(), "block");
        within(offset, 0, blocks.get(block).size() + 1, "offset");
      }
      case Operand.Target(int step) -> within(step, 0, steps, "target");
      case Operand.Literal _, Operand.Arguments _, Operand.Environment _ -> {}
    }
  }

  private static void within(int value, int from, int to, String what) {
    if (value < from || value >= to) {
      throw new IllegalArgumentException(
          "%s %d is not within %d to %d".formatted(what, value, from, to - 1));
    }
  }

  /** Returns how many descriptors the launching process hands over, the report channel included. */
  public int inputs() {
    return (int) cells.stream().filter(Cell::input).count();
  }

  /**
   * Checks that no step can change a namespace that the child shares with the host.
   *
   * @param own the kinds that are new or joined, as {@code CLONE_NEW*} flags
   * @throws IllegalArgumentException naming every step that would
   */
  public void requireNamespaces(long own) {
    StringJoiner wrong = new StringJoiner("; ");
    for (int i = 0; i < steps.size(); i++) {
      long foreign = steps.get(i).namespaces() & ~own;
      if (foreign != 0) {
        wrong.add(
            "%s changes a namespace that is not the child's own (0x%x)"
                .formatted(describe(i), foreign));
      }
    }
    if (wrong.length() > 0) {
      throw new IllegalArgumentException(wrong.toString());
    }
  }

  /**
   * Prints one step's call the way strace would.
   *
   * @param index the step's index
   * @return such as {@code mount(NULL, "/", NULL, MS_REC|MS_SLAVE, NULL)}
   */
  public String call(int index) {
    Step step = steps.get(index);
    if (step.operation() instanceof Operation.Call) {
      StringJoiner operands = new StringJoiner(", ", step.operation().text() + "(", ")");
      step.operands().forEach(operand -> operands.add(text(operand)));
      return operands.toString();
    }
    List<String> o = step.operands().stream().map(this::text).toList();
    return switch ((Operation.Control) step.operation()) {
      case JUMP_EQUAL ->
          step.operands().get(0).equals(step.operands().get(1))
              ? "goto " + o.get(2)
              : "if %s == %s goto %s".formatted(o.get(0), o.get(1), o.get(2));
      case JUMP_NOT_EQUAL -> "if %s != %s goto %s".formatted(o.get(0), o.get(1), o.get(2));
      case JUMP_LESS -> "if %s < %s goto %s".formatted(o.get(0), o.get(1), o.get(2));
      case LOAD64 -> "*(u64 *)(%s + %s)".formatted(o.get(0), o.get(1));
      case LOAD32 -> "*(u32 *)(%s + %s)".formatted(o.get(0), o.get(1));
      case STORE64 -> "*(u64 *)(%s + %s) = %s".formatted(o.get(0), o.get(1), o.get(2));
      case STORE32 -> "*(u32 *)(%s + %s) = %s".formatted(o.get(0), o.get(1), o.get(2));
      case ADD -> o.get(0) + " + " + o.get(1);
      case FAIL -> o.size() > 1 ? o.get(1) : "fail with errno " + o.get(0);
    };
  }

  private String text(Operand operand) {
    return switch (operand) {
      case Operand.Literal literal -> literal.text();
      case Operand.CellValue(int cell) -> "$" + cellName(cell);
      case Operand.CellAddress(int cell) -> "&$" + cellName(cell);
      case Operand.BlockAddress(int block, int offset) ->
          offset == 0 ? blocks.get(block).toString() : blocks.get(block) + "+" + offset;
      case Operand.Arguments _ -> "argv";
      case Operand.Environment _ -> "envp";
      case Operand.Target(int step) -> "step " + step;
    };
  }

  private String cellName(int cell) {
    String name = cells.get(cell).name();
    return name.isEmpty() ? Integer.toString(cell) : name.replace(' ', '_');
  }

  /**
   * Names a step for an error message.
   *
   * @param index the step's index
   * @return such as {@code step 12, make / private (mount(...))}
   */
  public String describe(int index) {
    Step step = steps.get(index);
    String name = step.name().isEmpty() ? "" : ", " + step.name();
    return "step " + index + name + " (" + call(index) + ")";
  }

  /** Tells whether the program makes a call somewhere. */
  public boolean calls(SyscallNumber number) {
    return steps.stream().anyMatch(step -> step.operation().equals(new Operation.Call(number)));
  }

  /** The same program as its image holds it: without names and namespaces. */
  public LaunchProgram bare() {
    return new LaunchProgram(
        steps.stream().map(Step::bare).toList(), cells.stream().map(Cell::bare).toList(), blocks);
  }

  /**
   * Prints one step: its call, where the result goes, and what its errors lead to.
   *
   * @param index the step's index
   * @return such as {@code $fd = openat(AT_FDCWD, "/", O_PATH) [ENOENT: step 7]}
   */
  public String line(int index) {
    StringBuilder text = new StringBuilder();
    Step step = steps.get(index);
    if (step.result() != Step.NO_RESULT) {
      text.append('$').append(cellName(step.result())).append(" = ");
    }
    text.append(call(index));
    notes(index).forEach(note -> text.append("  ").append(note));
    return text.toString();
  }

  /** Prints every step on a line of its own, as strace would, with what its errors lead to. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < steps.size(); i++) {
      text.append("%3d  %s".formatted(i, line(i)));
      if (!steps.get(i).name().isEmpty()) {
        text.append("  # ").append(steps.get(i).name());
      }
      text.append('\n');
    }
    return text.toString();
  }

  private List<String> notes(int index) {
    Step step = steps.get(index);
    List<String> notes = new ArrayList<>();
    if (step.demand().kind() != Demand.Kind.ANY) {
      notes.add(step.demand().toString());
    }
    for (ErrorRule rule : step.errors()) {
      if (rule.target() != ErrorRule.FAIL) {
        String errno = rule.errno() == ErrorRule.ANY_OTHER ? "errors" : errnoName(rule.errno());
        notes.add(
            rule.target() == index + 1
                ? "[" + errno + ": ignored]"
                : "[" + errno + ": step " + rule.target() + "]");
      }
    }
    return notes;
  }

  private static String errnoName(int errno) {
    return Errno.of(errno).map(Errno::name).orElse("errno " + errno);
  }
}
