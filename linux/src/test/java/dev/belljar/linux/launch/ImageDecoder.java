package dev.belljar.linux.launch;

import dev.belljar.linux.asm.ImageLayout;
import dev.belljar.linux.syscall.Architecture;
import dev.belljar.linux.syscall.SyscallNumber;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * Reads a program back from the data of its image, as the runner would, given what the image does
 * not say: how many cells there are and how long each block is.
 */
final class ImageDecoder {
  private static final int CONTROL = 0x8000_0000;

  private final ByteBuffer data;
  private final Architecture architecture;
  private final int cellCount;
  private final List<Integer> blockSizes;
  private final int firstStep;

  private ImageDecoder(
      byte[] data, Architecture architecture, int cellCount, List<Integer> blockSizes) {
    this.data = ByteBuffer.wrap(data).order(ByteOrder.LITTLE_ENDIAN);
    this.architecture = architecture;
    this.cellCount = cellCount;
    this.blockSizes = blockSizes;
    this.firstStep = offset(this.data.getLong(ImageLayout.FIRST_STEP));
  }

  static LaunchProgram decode(byte[] data, Architecture architecture, LaunchProgram skeleton) {
    List<Integer> sizes = skeleton.blocks().stream().map(Block::size).toList();
    return new ImageDecoder(data, architecture, skeleton.cells().size(), sizes).program();
  }

  private LaunchProgram program() {
    List<Step> steps = new ArrayList<>();
    for (int at = firstStep; at < data.capacity(); at += ImageLayout.STEP_SIZE) {
      if (data.getInt(at + ImageLayout.STEP_INDEX) != steps.size()) {
        throw new AssertionError("the step at " + at + " has not the index " + steps.size());
      }
      steps.add(step(at));
    }
    return new LaunchProgram(steps, cells(), blocks());
  }

  private List<Cell> cells() {
    long inputs = data.getLong(ImageLayout.INPUT_COUNT);
    List<Cell> cells = new ArrayList<>();
    for (int i = 0; i < cellCount; i++) {
      long initial = data.getLong(ImageLayout.CELLS + Long.BYTES * i);
      cells.add(new Cell("", initial, i < inputs));
    }
    return cells;
  }

  private List<Block> blocks() {
    List<Block> blocks = new ArrayList<>();
    for (int i = 0; i < blockSizes.size(); i++) {
      int start = blockOffset(i);
      blocks.add(new Block(Arrays.copyOfRange(data.array(), start, start + blockSizes.get(i))));
    }
    return blocks;
  }

  private int blockOffset(int index) {
    int offset = ImageLayout.CELLS + Long.BYTES * cellCount;
    for (int i = 0; i < index; i++) {
      offset = (offset + blockSizes.get(i) + 7) / 8 * 8;
    }
    return offset;
  }

  private Step step(int at) {
    int mask = data.get(at + ImageLayout.STEP_CELL_MASK);
    List<Operand> operands = new ArrayList<>();
    for (int i = 0; i < ImageLayout.OPERAND_COUNT; i++) {
      long value = data.getLong(at + ImageLayout.STEP_OPERANDS + Long.BYTES * i);
      operands.add((mask >> i & 1) == 1 ? loaded(value) : plain(value));
    }
    Demand.Kind kind = Demand.Kind.values()[data.get(at + ImageLayout.STEP_DEMAND)];
    int table = offset(Integer.toUnsignedLong(data.getInt(at + ImageLayout.STEP_ERRNO_TABLE)));
    return new Step(
        "",
        operation(data.getInt(at + ImageLayout.STEP_OPERATION)),
        operands,
        result(data.getLong(at + ImageLayout.STEP_RESULT)),
        new Demand(kind, data.getLong(at + ImageLayout.STEP_DEMANDED)),
        rules(table),
        0,
        Map.of());
  }

  private Operation operation(int code) {
    if (code < 0) {
      return Operation.Control.values()[code - CONTROL];
    }
    return Arrays.stream(SyscallNumber.values())
        .filter(number -> number.on(architecture) == code)
        .map(Operation.Call::new)
        .findFirst()
        .orElseThrow();
  }

  private Operand loaded(long address) {
    int offset = offset(address);
    return switch (offset) {
      case ImageLayout.ARGV -> new Operand.Arguments();
      case ImageLayout.ENVP -> new Operand.Environment();
      default -> new Operand.CellValue((offset - ImageLayout.CELLS) / Long.BYTES);
    };
  }

  private Operand plain(long value) {
    long offset = value - ImageLayout.DATA_ADDRESS;
    if (offset < 0 || offset >= data.capacity()) {
      return new Operand.Literal(value, "");
    }
    if (offset >= firstStep) {
      return new Operand.Target((int) (offset - firstStep) / ImageLayout.STEP_SIZE);
    }
    if (offset < ImageLayout.CELLS + (long) Long.BYTES * cellCount) {
      return new Operand.CellAddress((int) (offset - ImageLayout.CELLS) / Long.BYTES);
    }
    int block = blockSizes.size() - 1;
    while (blockOffset(block) > offset) {
      block--;
    }
    return new Operand.BlockAddress(block, (int) offset - blockOffset(block));
  }

  private int result(long address) {
    int offset = offset(address);
    return offset == ImageLayout.DISCARD
        ? Step.NO_RESULT
        : (offset - ImageLayout.CELLS) / Long.BYTES;
  }

  private List<ErrorRule> rules(int table) {
    List<ErrorRule> rules = new ArrayList<>();
    int at = table;
    do {
      int target = data.getInt(at + ImageLayout.ERRNO_ENTRY_TARGET);
      rules.add(
          new ErrorRule(
              data.getInt(at + ImageLayout.ERRNO_ENTRY_ERRNO),
              target == 0 ? ErrorRule.FAIL : (offset(target) - firstStep) / ImageLayout.STEP_SIZE));
      at += ImageLayout.ERRNO_ENTRY_SIZE;
    } while (rules.getLast().errno() != ErrorRule.ANY_OTHER);
    return rules;
  }

  private static int offset(long address) {
    return Math.toIntExact(address - ImageLayout.DATA_ADDRESS);
  }
}
