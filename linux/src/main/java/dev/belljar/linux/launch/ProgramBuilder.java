package dev.belljar.linux.launch;

import dev.belljar.linux.Errno;
import dev.belljar.linux.syscall.SyscallNumber;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Collects the steps of a {@link LaunchProgram}; each module adds its own, core orders them.
 *
 * {@snippet :
 * ProgramBuilder program = new ProgramBuilder();
 * Argument root = program.input("root directory");
 * program.call(SyscallNumber.FCHDIR, root).named("enter the root directory");
 * program.exit(0);
 * LaunchProgram done = program.build();
 * }
 */
public final class ProgramBuilder {
  private final List<StepDraft> steps = new ArrayList<>();
  private final List<Cell> inputs = new ArrayList<>();
  private final List<Cell> variables = new ArrayList<>();
  private final List<Block> blocks = new ArrayList<>();
  private final Map<Block, Integer> constants = new HashMap<>();

  /** A cell of the program being built. */
  public final class Variable {
    private final boolean input;
    private final int index;

    private Variable(boolean input, int index) {
      this.input = input;
      this.index = index;
    }

    /** Its value when the step runs, as an operand. */
    public Argument value() {
      return () -> new Operand.CellValue(cell());
    }

    /** Its address, as an operand. */
    public Argument address() {
      return () -> new Operand.CellAddress(cell());
    }

    // Inputs come first in the program, and more may be added later: known when it is built.
    int cell() {
      return input ? index : inputs.size() + index;
    }
  }

  /** A place to jump to. */
  public static final class Label {
    private int step = -1;

    int target() {
      if (step < 0) {
        throw new IllegalStateException("a jump leads to a label that was never placed");
      }
      return step;
    }
  }

  /** Bytes of the program being built that calls may change. */
  public static final class Memory {
    private final int index;

    private Memory(int index) {
      this.index = index;
    }

    /** The address of its first byte, as an operand. */
    public Argument address() {
      return at(0);
    }

    /**
     * An address inside it, as an operand.
     *
     * @param offset bytes from the beginning
     */
    public Argument at(int offset) {
      return new Operand.BlockAddress(index, offset);
    }
  }

  /**
   * Starts a program whose failures are reported to its first input.
   *
   * @see #withoutReports()
   */
  public ProgramBuilder() {
    input("report");
  }

  private ProgramBuilder(Cell report) {
    variables.add(report);
  }

  /** Starts a program that is handed no descriptors and has nobody to report failures to. */
  public static ProgramBuilder withoutReports() {
    return new ProgramBuilder(new Cell("nobody", -1, false));
  }

  /** The descriptor that reports go to. */
  public Argument report() {
    return new Operand.CellValue(0);
  }

  /**
   * Declares a descriptor that the launching process hands over.
   *
   * @param name what it is, for people
   * @return its number in the child, as an operand
   */
  public Argument input(String name) {
    inputs.add(new Cell(name, 0, true));
    return new Variable(true, inputs.size() - 1).value();
  }

  /** Returns how many descriptors have been declared so far, the report channel included. */
  public int inputs() {
    return inputs.size();
  }

  /**
   * Declares a cell.
   *
   * @param name what it will hold, for people
   * @param initial its value at the beginning
   * @return the cell
   */
  public Variable variable(String name, long initial) {
    variables.add(new Cell(name, initial, false));
    return new Variable(false, variables.size() - 1);
  }

  /** Declares a cell that begins as 0. */
  public Variable variable(String name) {
    return variable(name, 0);
  }

  /** A number, as an operand. */
  public static Argument literal(long value) {
    return new Operand.Literal(value, Long.toString(value));
  }

  /** A number with its name, such as {@code MS_REC|MS_SLAVE}, as an operand. */
  public static Argument literal(long value, String text) {
    return new Operand.Literal(value, text);
  }

  /** The null pointer, as an operand. */
  public static Argument nothing() {
    return new Operand.Literal(0, "NULL");
  }

  /** A string with its terminating NUL that the program carries, as an operand. */
  public Argument string(String text) {
    return string(text.getBytes(StandardCharsets.UTF_8));
  }

  /** A string with its terminating NUL that the program carries, as an operand. */
  public Argument string(byte[] text) {
    return constant(Arrays.copyOf(text, text.length + 1));
  }

  /** Bytes that the program carries and no call changes, as an operand: their address. */
  public Argument constant(byte[] bytes) {
    return constant(bytes, "");
  }

  /**
   * Bytes that the program carries and no call changes, as an operand: their address.
   *
   * @param bytes the bytes, such as a struct
   * @param text how strace would print them, such as {@code {flags=O_PATH}}
   */
  public Argument constant(byte[] bytes, String text) {
    Block block = new Block(bytes, text);
    int index = constants.computeIfAbsent(block, this::add);
    return new Operand.BlockAddress(index, 0);
  }

  /**
   * Carries bytes that calls may change.
   *
   * @param initial what they are at the beginning
   * @return the memory
   */
  public Memory memory(byte[] initial) {
    return new Memory(add(new Block(initial)));
  }

  private int add(Block block) {
    blocks.add(block);
    return blocks.size() - 1;
  }

  /**
   * Adds a system call.
   *
   * @param number which
   * @param operands its operands; those left out are 0
   * @return the step, to say more about it
   */
  public StepDraft call(SyscallNumber number, Argument... operands) {
    return add(new Operation.Call(number), operands);
  }

  /** Adds an operation of the runner itself; jumps have methods of their own. */
  public StepDraft control(Operation.Control operation, Argument... operands) {
    return add(operation, operands);
  }

  private StepDraft add(Operation operation, Argument... operands) {
    StepDraft step = new StepDraft(operation, List.of(operands));
    steps.add(step);
    return step;
  }

  /** Makes a label, to be placed by {@link #place}. */
  public Label label() {
    return new Label();
  }

  /** Places a label: jumps to it go on with the next step added. */
  public void place(Label label) {
    label.step = steps.size();
  }

  /** Adds a jump that is always taken. */
  public void jump(Label label) {
    jumpIfEqual(literal(0), literal(0), label);
  }

  /** Adds a jump that is taken when two values are equal. */
  public void jumpIfEqual(Argument left, Argument right, Label label) {
    add(Operation.Control.JUMP_EQUAL, left, right, target(label));
  }

  /** Adds a jump that is taken when two values differ. */
  public void jumpUnlessEqual(Argument left, Argument right, Label label) {
    add(Operation.Control.JUMP_NOT_EQUAL, left, right, target(label));
  }

  /** Adds a jump that is taken when one signed number is less than another. */
  public void jumpIfLess(Argument left, Argument right, Label label) {
    add(Operation.Control.JUMP_LESS, left, right, target(label));
  }

  private static Argument target(Label label) {
    return () -> new Operand.Target(label.target());
  }

  /**
   * Adds a failure that the program finds out itself.
   *
   * @param errno what it is reported as
   * @param call the call that it stands for, as strace would print it
   * @return the step, to say more about it
   */
  public StepDraft fail(Errno errno, String call) {
    return control(Operation.Control.FAIL, literal(errno.number(), errno.name()), literal(0, call));
  }

  /** Adds the end of the process, with an exit status. */
  public void exit(int status) {
    call(SyscallNumber.EXIT_GROUP, literal(status));
  }

  /** Returns the program. More may be added afterwards for another one. */
  public LaunchProgram build() {
    List<Step> done = new ArrayList<>();
    for (StepDraft step : steps) {
      done.add(step.finish(done.size()));
    }
    List<Cell> cells = new ArrayList<>(inputs);
    cells.addAll(variables);
    return new LaunchProgram(done, cells, blocks);
  }
}
