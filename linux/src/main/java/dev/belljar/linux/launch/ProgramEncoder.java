package dev.belljar.linux.launch;

import dev.belljar.linux.asm.ElfImage;
import dev.belljar.linux.asm.ImageLayout;
import dev.belljar.linux.asm.Isa;
import dev.belljar.linux.syscall.Architecture;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Turns a program into the bytes that the runner walks.
 *
 * <p>The data holds, in this order: the header, the cells, the blocks (together, since they are
 * what is written to and so are copied page by page), the errno tables and the steps. See {@link
 * ImageLayout}.
 */
final class ProgramEncoder {
  private static final int ALIGNMENT = 8;

  private final LaunchProgram program;
  private final Architecture architecture;
  private final int[] blockOffsets;
  private final Map<List<ErrorRule>, Integer> tableOffsets = new LinkedHashMap<>();
  private final int stepsOffset;

  private ProgramEncoder(LaunchProgram program, Architecture architecture) {
    this.program = program;
    this.architecture = architecture;
    int offset = ImageLayout.CELLS + Long.BYTES * program.cells().size();
    blockOffsets = new int[program.blocks().size()];
    for (int i = 0; i < blockOffsets.length; i++) {
      blockOffsets[i] = offset;
      offset = align(offset + program.blocks().get(i).size());
    }
    for (Step step : program.steps()) {
      if (tableOffsets.putIfAbsent(step.errors(), offset) == null) {
        offset += ImageLayout.ERRNO_ENTRY_SIZE * step.errors().size();
      }
    }
    stepsOffset = offset;
  }

  /**
   * Returns a complete executable: the runner of an architecture with the program.
   *
   * @throws IllegalArgumentException when the runner would run past the program's last step
   */
  static byte[] executable(LaunchProgram program, Architecture architecture) {
    if (program.steps().isEmpty() || !program.steps().getLast().isEnd()) {
      throw new IllegalArgumentException(
          "the last step must end the process, execute a command, jump or fail:\n" + program);
    }
    Isa isa = architecture == Architecture.AARCH64 ? Isa.AARCH64 : Isa.X86_64;
    return ElfImage.wrap(isa, encode(program, architecture));
  }

  /** Returns the data of the executable. */
  static byte[] encode(LaunchProgram program, Architecture architecture) {
    return new ProgramEncoder(program, architecture).data();
  }

  private static int align(int offset) {
    return (offset + ALIGNMENT - 1) & -ALIGNMENT;
  }

  private byte[] data() {
    int size = stepsOffset + ImageLayout.STEP_SIZE * program.steps().size();
    ByteBuffer data = ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
    data.putLong(ImageLayout.INPUT_COUNT, program.inputs());
    data.putLong(ImageLayout.FIRST_STEP, stepAddress(0));
    for (int i = 0; i < program.cells().size(); i++) {
      data.putLong(ImageLayout.CELLS + Long.BYTES * i, program.cells().get(i).initial());
    }
    for (int i = 0; i < blockOffsets.length; i++) {
      data.put(blockOffsets[i], program.blocks().get(i).bytes());
    }
    tableOffsets.forEach((rules, offset) -> putTable(data, offset, rules));
    for (int i = 0; i < program.steps().size(); i++) {
      putStep(data, i, program.steps().get(i));
    }
    return data.array();
  }

  private void putTable(ByteBuffer data, int offset, List<ErrorRule> rules) {
    int at = offset;
    for (ErrorRule rule : rules) {
      data.putInt(at + ImageLayout.ERRNO_ENTRY_ERRNO, rule.errno());
      data.putInt(
          at + ImageLayout.ERRNO_ENTRY_TARGET,
          rule.target() == ErrorRule.FAIL ? 0 : stepAddress(rule.target()));
      at += ImageLayout.ERRNO_ENTRY_SIZE;
    }
  }

  private void putStep(ByteBuffer data, int index, Step step) {
    int at = stepsOffset + ImageLayout.STEP_SIZE * index;
    data.putInt(at + ImageLayout.STEP_OPERATION, code(step.operation()));
    int mask = 0;
    for (int i = 0; i < step.operands().size(); i++) {
      Operand operand = step.operands().get(i);
      data.putLong(at + ImageLayout.STEP_OPERANDS + Long.BYTES * i, value(operand));
      if (isLoaded(operand)) {
        mask |= 1 << i;
      }
    }
    data.put(at + ImageLayout.STEP_CELL_MASK, (byte) mask);
    data.put(at + ImageLayout.STEP_DEMAND, (byte) step.demand().kind().ordinal());
    data.putLong(at + ImageLayout.STEP_DEMANDED, step.demand().value());
    data.putLong(
        at + ImageLayout.STEP_RESULT,
        step.result() == Step.NO_RESULT
            ? ImageLayout.DATA_ADDRESS + ImageLayout.DISCARD
            : cellAddress(step.result()));
    data.putInt(
        at + ImageLayout.STEP_ERRNO_TABLE,
        ImageLayout.DATA_ADDRESS + tableOffsets.get(step.errors()));
    data.putInt(at + ImageLayout.STEP_INDEX, index);
  }

  private int code(Operation operation) {
    return switch (operation) {
      case Operation.Call(var number) -> number.on(architecture);
      case Operation.Control control -> control.machine().code();
    };
  }

  private static boolean isLoaded(Operand operand) {
    return operand instanceof Operand.CellValue
        || operand instanceof Operand.Arguments
        || operand instanceof Operand.Environment;
  }

  private long value(Operand operand) {
    return switch (operand) {
      case Operand.Literal literal -> literal.value();
      case Operand.CellValue(int cell) -> cellAddress(cell);
      case Operand.CellAddress(int cell) -> cellAddress(cell);
      case Operand.BlockAddress(int block, int offset) ->
          ImageLayout.DATA_ADDRESS + blockOffsets[block] + offset;
      case Operand.Arguments _ -> ImageLayout.DATA_ADDRESS + ImageLayout.ARGV;
      case Operand.Environment _ -> ImageLayout.DATA_ADDRESS + ImageLayout.ENVP;
      case Operand.Target(int step) -> stepAddress(step);
    };
  }

  private static long cellAddress(int cell) {
    return ImageLayout.DATA_ADDRESS + ImageLayout.CELLS + (long) Long.BYTES * cell;
  }

  private int stepAddress(int step) {
    return ImageLayout.DATA_ADDRESS + stepsOffset + ImageLayout.STEP_SIZE * step;
  }
}
