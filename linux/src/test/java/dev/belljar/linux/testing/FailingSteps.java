package dev.belljar.linux.testing;

import dev.belljar.linux.Errno;
import dev.belljar.linux.Signal;
import dev.belljar.linux.asm.ControlOperation;
import dev.belljar.linux.asm.ImageLayout;
import dev.belljar.linux.syscall.Architecture;
import dev.belljar.linux.syscall.Gate;
import dev.belljar.linux.syscall.Syscall;
import dev.belljar.linux.syscall.SyscallNumber;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Makes one step fail, wait or stop, of a launch program that an action starts, whatever the step
 * does and whatever its errors lead to: the image is changed between its writing and its sealing.
 *
 * <p>The action must write exactly one image that reports its failures, so images that the library
 * has kept must be given up before.
 */
public final class FailingSteps {
  /** The error that is reported: one that no step expects. */
  public static final Errno ERROR = Errno.EXFULL;

  /** What is done in place of a step. */
  private enum Instead {
    FAIL(ControlOperation.FAIL.code(), ERROR.number(), 0),
    WAIT(SyscallNumber.PPOLL.on(Architecture.current()), 0, 0), // for nothing, for ever
    STOP(SyscallNumber.KILL.on(Architecture.current()), 0, Signal.SIGSTOP.number());

    private final int operation;
    private final long first;
    private final long second;

    Instead(int operation, long first, long second) {
      this.operation = operation;
      this.first = first;
      this.second = second;
    }
  }

  private final Thread starter = Thread.currentThread();
  private final OptionalInt changed;
  private final Instead instead;
  private int image = -1;
  private int steps;

  private FailingSteps(OptionalInt changed, Instead instead) {
    this.changed = changed;
    this.instead = instead;
  }

  /**
   * Runs an action and counts the steps of the program it starts.
   *
   * @param action what to run
   * @return the number of steps
   */
  public static int count(Runnable action) {
    FailingSteps none = new FailingSteps(OptionalInt.empty(), Instead.FAIL);
    none.run(action)
        .ifPresent(failure -> {
          throw new AssertionError(failure);
        });
    return none.steps;
  }

  /**
   * Runs an action in which one step fails.
   *
   * @param step the step's index
   * @param action what to run
   * @return what it threw; empty when the program did not come to that step
   */
  public static Optional<Throwable> failing(int step, Runnable action) {
    return changing(step, Instead.FAIL, action);
  }

  /**
   * Runs an action in which the process waits at one step until it is killed.
   *
   * @param step the step's index
   * @param action what to run
   * @return what it threw; empty when the program did not come to that step
   */
  public static Optional<Throwable> holding(int step, Runnable action) {
    return changing(step, Instead.WAIT, action);
  }

  /**
   * Runs an action in which the process, which leads a process group of its own and is not the
   * first of a PID namespace, stops itself at one step; SIGCONT lets it go on with the next.
   *
   * @param step the step's index
   * @param action what to run
   * @return what it threw; empty when the program did not come to that step
   */
  public static Optional<Throwable> stopping(int step, Runnable action) {
    return changing(step, Instead.STOP, action);
  }

  private static Optional<Throwable> changing(int step, Instead instead, Runnable action) {
    FailingSteps one = new FailingSteps(OptionalInt.of(step), instead);
    Optional<Throwable> failure = one.run(action);
    if (one.steps == 0) {
      throw new AssertionError(
          "the action has written no image that reports", failure.orElse(null));
    }
    return failure;
  }

  private Optional<Throwable> run(Runnable action) {
    Syscall.setGate(this::pass);
    try {
      action.run();
      return Optional.empty();
    } catch (RuntimeException | Error failure) {
      return Optional.of(failure);
    } finally {
      Syscall.setGate(null);
    }
  }

  // An image is made by memfd_create, write and fcntl(F_ADD_SEALS), all on the starting thread.
  private long pass(String name, Gate.NativeCall call) {
    if (!Thread.currentThread().equals(starter)) {
      return call.make();
    }
    if (name.equals("fcntl") && image >= 0) {
      change(Path.of("/proc/self/fd/" + image));
      image = -1;
    }
    long result = call.make();
    if (name.equals("memfd_create") && !Syscall.failed(result)) {
      image = (int) result;
    }
    return result;
  }

  private void change(Path file) {
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      if (readLong(channel, ImageLayout.DATA_OFFSET + ImageLayout.INPUT_COUNT) == 0) {
        return; // the built-in init's: nobody hears of its failures
      }
      if (steps != 0) {
        throw new IllegalStateException("a second image");
      }
      long first = offset(readLong(channel, ImageLayout.DATA_OFFSET + ImageLayout.FIRST_STEP));
      steps = (int) ((channel.size() - first) / ImageLayout.STEP_SIZE);
      if (changed.isPresent()) {
        change(channel, first + (long) ImageLayout.STEP_SIZE * changed.getAsInt());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  // The step's table of errors is the third operand: all zero, which means that every error is a
  // failure.
  private void change(FileChannel channel, long at) throws IOException {
    ByteBuffer step = buffer(ImageLayout.STEP_ERRNO_TABLE + Integer.BYTES);
    channel.read(step, at);
    long result = step.getLong(ImageLayout.STEP_RESULT);
    step.put(0, new byte[step.capacity()]);
    step.putInt(ImageLayout.STEP_OPERATION, instead.operation);
    step.putLong(ImageLayout.STEP_RESULT, result);
    step.putLong(ImageLayout.STEP_OPERANDS, instead.first);
    step.putLong(ImageLayout.STEP_OPERANDS + Long.BYTES, instead.second);
    long table = at - ImageLayout.DATA_OFFSET + ImageLayout.STEP_OPERANDS + 2 * Long.BYTES;
    step.putInt(ImageLayout.STEP_ERRNO_TABLE, (int) (ImageLayout.DATA_ADDRESS + table));
    channel.write(step.rewind(), at);
  }

  private static long offset(long address) {
    return address - ImageLayout.DATA_ADDRESS + ImageLayout.DATA_OFFSET;
  }

  private static long readLong(FileChannel channel, long at) throws IOException {
    ByteBuffer bytes = buffer(Long.BYTES);
    channel.read(bytes, at);
    return bytes.getLong(0);
  }

  private static ByteBuffer buffer(int size) {
    return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
  }
}
