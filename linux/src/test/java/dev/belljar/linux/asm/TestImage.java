package dev.belljar.linux.asm;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Writes the data of a launch image by hand, as the contract has it, for tests of the runner alone.
 *
 * <p>Cells, steps and carried bytes each have a fixed region, so that all addresses are known while
 * the program is being written. Cell 0 is the report's descriptor: standard error.
 */
final class TestImage {
  /** What an operand is: the value itself, or the address of a cell that holds it. */
  record Operand(long value, boolean isCell) {}

  /** One step; where nothing else is said its result is discarded and every error fails. */
  final class Step {
    private final int operation;
    private final List<Operand> operands;
    private long resultAddress = (long) ImageLayout.DATA_ADDRESS + ImageLayout.DISCARD;
    private int demand = ImageLayout.DEMAND_NONE;
    private long demanded;
    private long errnoTable = failAlways;
    private int index = steps.size();

    private Step(int operation, List<Operand> operands) {
      this.operation = operation;
      this.operands = operands;
    }

    Step into(Operand cell) {
      resultAddress = cell.value;
      return this;
    }

    Step demandEqual(long value) {
      demand = ImageLayout.DEMAND_EQUAL;
      demanded = value;
      return this;
    }

    Step demandAtLeast(long value) {
      demand = ImageLayout.DEMAND_AT_LEAST;
      demanded = value;
      return this;
    }

    /** Errno and step address in turn; errno 0 stands for the rest and comes last. */
    Step onErrno(long... table) {
      errnoTable = putErrnoTable(table);
      return this;
    }

    Step numbered(int newIndex) {
      index = newIndex;
      return this;
    }

    private void putInto(ByteBuffer data) {
      int mask = 0;
      for (int i = 0; i < operands.size(); i++) {
        mask |= operands.get(i).isCell ? 1 << i : 0;
      }
      data.putInt(operation).put((byte) mask).put((byte) demand).putShort((short) 0);
      data.putLong(resultAddress);
      for (int i = 0; i < ImageLayout.OPERAND_COUNT; i++) {
        data.putLong(i < operands.size() ? operands.get(i).value : 0);
      }
      data.putLong(demanded).putInt((int) errnoTable).putInt(index);
    }
  }

  private static final int STEPS = 0x2000;
  private static final int BLOCKS = 0x8000;

  /** How many cells there can be. */
  static final int MAX_CELLS = (STEPS - ImageLayout.CELLS) / 8;

  private static final int MAX_STEPS = (BLOCKS - STEPS) / ImageLayout.STEP_SIZE;

  private final Isa isa;
  private final List<Long> cells = new ArrayList<>();
  private final List<Step> steps = new ArrayList<>();
  private final ByteArrayOutputStream blocks = new ByteArrayOutputStream();
  private final long failAlways;
  private int inputs;

  TestImage(Isa isa) {
    this.isa = isa;
    this.failAlways = putErrnoTable(0, 0);
    cell(2);
  }

  Isa isa() {
    return isa;
  }

  static Operand value(long value) {
    return new Operand(value, false);
  }

  /** The address of a cell as a value. */
  static Operand addressOf(Operand cell) {
    return value(cell.value);
  }

  /** A further cell, with what it holds at first. */
  Operand cell(long initial) {
    cells.add(initial);
    if (cells.size() > MAX_CELLS) {
      throw new IllegalStateException("too many cells");
    }
    return cellAt(cells.size() - 1);
  }

  static Operand cellAt(int index) {
    return new Operand((long) ImageLayout.DATA_ADDRESS + ImageLayout.CELLS + 8L * index, true);
  }

  /** Says how many cells, cell 0 among them, come from the descriptor table. */
  void loadInputs(int count) {
    inputs = count;
    while (cells.size() < count) {
      cell(-1);
    }
  }

  /** Carries bytes along, aligned to 8, and returns their address. */
  long bytes(byte... content) {
    while (blocks.size() % 8 != 0) {
      blocks.write(0);
    }
    final long address = (long) ImageLayout.DATA_ADDRESS + BLOCKS + blocks.size();
    blocks.writeBytes(content);
    return address;
  }

  long string(String text) {
    return bytes((text + "\0").getBytes(StandardCharsets.UTF_8));
  }

  private long putErrnoTable(long... table) {
    ByteBuffer bytes = ByteBuffer.allocate(4 * table.length).order(ByteOrder.LITTLE_ENDIAN);
    for (long each : table) {
      bytes.putInt((int) each);
    }
    return bytes(bytes.array());
  }

  Step call(Call call, Operand... operands) {
    return step(call.number(isa), operands);
  }

  Step control(ControlOperation operation, Operand... operands) {
    return step(operation.code(), operands);
  }

  Step step(int operation, Operand... operands) {
    Step step = new Step(operation, List.of(operands));
    steps.add(step);
    if (steps.size() > MAX_STEPS) {
      throw new IllegalStateException("too many steps");
    }
    return step;
  }

  /** The address of a step to come: 0 for the one that is added next. */
  long stepAhead(int distance) {
    return ImageLayout.DATA_ADDRESS
        + STEPS
        + (long) ImageLayout.STEP_SIZE * (steps.size() + distance);
  }

  void print(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    call(Call.WRITE, value(1), value(bytes(bytes)), value(bytes.length));
  }

  void exit(int status) {
    call(Call.EXIT_GROUP, value(status));
  }

  /** Prints header and cells as they are then, for {@link ImageRun.Outcome#cell}, and exits. */
  void printCellsAndExit() {
    call(
        Call.WRITE,
        value(1),
        value(ImageLayout.DATA_ADDRESS),
        value(ImageLayout.CELLS + 8L * cells.size()));
    exit(0);
  }

  byte[] data() {
    ByteBuffer data = ByteBuffer.allocate(BLOCKS + blocks.size()).order(ByteOrder.LITTLE_ENDIAN);
    data.putLong(ImageLayout.INPUT_COUNT, inputs);
    data.putLong(ImageLayout.FIRST_STEP, ImageLayout.DATA_ADDRESS + STEPS);
    for (int i = 0; i < cells.size(); i++) {
      data.putLong(ImageLayout.CELLS + 8 * i, cells.get(i));
    }
    data.position(STEPS);
    steps.forEach(step -> step.putInto(data));
    data.put(BLOCKS, blocks.toByteArray());
    return data.array();
  }
}
