package dev.belljar.linux.asm;

/**
 * Where everything stands in a launch image: one static ELF file of runner code and data.
 *
 * <p>The file begins with the ELF header and the program headers, then the code, then the data.
 * Code and data are mapped at fixed addresses, so an encoder knows each absolute address while it
 * writes. All integers are little-endian.
 *
 * <p>The runner walks the steps in the data one by one; how a step is executed is said at {@link
 * MachineCode}.
 */
public final class ImageLayout {
  /** Address at which the file's first byte is mapped. */
  public static final int BASE = 0x400000;

  /** Offset of the code in the file. */
  public static final int CODE_OFFSET = 0x100;

  /** Address of the first instruction. */
  public static final int ENTRY = BASE + CODE_OFFSET;

  /** Offset of the data in the file; the code ends before it. */
  public static final int DATA_OFFSET = 0x400;

  /** Greatest size of the runner's code, in bytes. */
  public static final int MAX_CODE_SIZE = DATA_OFFSET - CODE_OFFSET;

  /**
   * Alignment of the segments, and the distance between their first pages: aarch64 kernels may have
   * pages of 64 KiB, and code and data must not share one.
   */
  public static final int SEGMENT_ALIGNMENT = 0x10000;

  /** Address of the data. */
  public static final int DATA_ADDRESS = BASE + SEGMENT_ALIGNMENT + DATA_OFFSET;

  // The header of the data: offsets from DATA_ADDRESS.

  /** u64, set by the runner: the address of the argument vector's element 1. */
  public static final int ARGV = 0x00;

  /** u64, set by the runner: the address of the environment's first element. */
  public static final int ENVP = 0x08;

  /** u64: where results go that nobody wants. */
  public static final int DISCARD = 0x10;

  /** u64: number of cells that are loaded from the descriptor table in argv[0]; may be 0. */
  public static final int INPUT_COUNT = 0x18;

  /** u64: the address of the first step. */
  public static final int FIRST_STEP = 0x20;

  /** The report of a failure: u32 step index, u32 errno, u64 result. */
  public static final int REPORT = 0x28;

  /** u32: index of the failed step. */
  public static final int REPORT_STEP = REPORT;

  /** u32: the failure's errno, or 0 where the call succeeded with a result that was not wanted. */
  public static final int REPORT_ERRNO = REPORT + 4;

  /** u64: the result as the call returned it. */
  public static final int REPORT_RESULT = REPORT + 8;

  /** Size of the report, in bytes. */
  public static final int REPORT_SIZE = 16;

  /** u64 each: the cells. Cell 0 is the descriptor that reports are written to. */
  public static final int CELLS = 0x40;

  // A step: offsets from its address.

  /** Size of a step, in bytes. Steps are aligned to 8. */
  public static final int STEP_SIZE = 80;

  /** u32: a system call's number or a {@link ControlOperation}'s code. */
  public static final int STEP_OPERATION = 0;

  /** u8: bit i says that operand i is the address of the value, not the value. */
  public static final int STEP_CELL_MASK = 4;

  /** u8: {@link #DEMAND_NONE}, {@link #DEMAND_EQUAL} or {@link #DEMAND_AT_LEAST}. */
  public static final int STEP_DEMAND = 5;

  /** u64: the address where the result is stored. */
  public static final int STEP_RESULT = 8;

  /** u64 each: the operands. */
  public static final int STEP_OPERANDS = 16;

  /** Number of operands. */
  public static final int OPERAND_COUNT = 6;

  /** u64: the demanded result. */
  public static final int STEP_DEMANDED = 64;

  /** u32: the address of the step's errno table. */
  public static final int STEP_ERRNO_TABLE = 72;

  /** u32: the step's number, for the report. */
  public static final int STEP_INDEX = 76;

  /** Any result will do. */
  public static final int DEMAND_NONE = 0;

  /** The result must be the demanded one. */
  public static final int DEMAND_EQUAL = 1;

  /** The result must be the demanded one or greater (signed). */
  public static final int DEMAND_AT_LEAST = 2;

  // An entry of an errno table: offsets from its address.

  /** Size of an entry, in bytes. */
  public static final int ERRNO_ENTRY_SIZE = 8;

  /** i32: the errno; 0 ends the table and stands for every other one. */
  public static final int ERRNO_ENTRY_ERRNO = 0;

  /** u32: the address of the step to continue at; 0 to fail. */
  public static final int ERRNO_ENTRY_TARGET = 4;

  // The descriptor table in argv[0].

  /** Bytes for each descriptor: seven bits each, least significant first, the top bit set. */
  public static final int DESCRIPTOR_SIZE = 4;

  /** Greatest descriptor that can be handed over. */
  public static final int MAX_DESCRIPTOR = (1 << 28) - 1;

  private ImageLayout() {}
}
