package dev.belljar.linux.launch;

import dev.belljar.linux.Descriptor;
import dev.belljar.linux.call.FileCalls;
import dev.belljar.linux.syscall.SyscallNumber;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * What a launch program tells the launching process: 16 bytes through the report channel.
 *
 * @param step the index of a failed step, or {@link #READY} or {@link #PROCESS}
 * @param errno the failure's errno; 0 when a call succeeded with an unwanted result
 * @param result the call's result, or the process
 */
public record Report(int step, int errno, long result) {
  /** Stands for a step: all is set up, the command's execve is next. */
  public static final int READY = -1;

  /** Stands for a step: the result is the PID of the process that goes on. */
  public static final int PROCESS = -2;

  /** Stands for a step, and is no program's: the launching process could not make its child. */
  static final int CLONE_FAILED = -3;

  /** Bytes of a report. */
  public static final int SIZE = 16;

  private static final int RESULT = 8;

  static Report read(MemorySegment bytes) {
    return new Report(
        bytes.get(ValueLayout.JAVA_INT, 0),
        bytes.get(ValueLayout.JAVA_INT, 4),
        bytes.get(ValueLayout.JAVA_LONG, RESULT));
  }

  /** Tells whoever reads the channel that nothing good will come through it any more. */
  static void writeCloneFailed(Descriptor channel) {
    FileCalls.write(channel.number(), bytes(CLONE_FAILED));
  }

  private static byte[] bytes(int step) {
    return ByteBuffer.allocate(SIZE).order(ByteOrder.LITTLE_ENDIAN).putInt(step).array();
  }

  /** Adds the step that says READY. */
  public static void addReady(ProgramBuilder program) {
    program
        .call(
            SyscallNumber.WRITE,
            program.report(),
            program.constant(bytes(READY)),
            ProgramBuilder.literal(SIZE))
        .named("report that all is ready")
        .demand(SIZE);
  }

  /**
   * Adds the steps that tell the launching process which process goes on.
   *
   * @param pid the process, as the launching process sees it
   */
  public static void addProcess(ProgramBuilder program, Argument pid) {
    ProgramBuilder.Memory report = program.memory(bytes(PROCESS));
    program.control(
        Operation.Control.STORE64, report.address(), ProgramBuilder.literal(RESULT), pid);
    program
        .call(SyscallNumber.WRITE, program.report(), report.address(), ProgramBuilder.literal(SIZE))
        .named("report the container's process")
        .demand(SIZE);
  }
}
