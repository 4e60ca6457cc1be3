package dev.belljar.linux.testing;

import dev.belljar.linux.Errno;
import dev.belljar.linux.asm.ControlOperation;
import dev.belljar.linux.asm.ImageLayout;
import dev.belljar.linux.syscall.Gate;
import dev.belljar.linux.syscall.Syscall;
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
 * Makes one step fail of a launch program that an action starts, whatever the step does and
 * whatever its errors lead to: the image is changed between its writing and its sealing.
 *
 * <p>The action must write exactly one image that reports its failures, so images that the library
 * has kept must be given up before.
 */
public final class FailingSteps {
  /** The error that is reported: one that no step expects. */
  public static final Errno ERROR = Errno.EXFULL;

  private final Thread starter = Thread.currentThread();
  private final OptionalInt failing;
  private int image = -1;
  private int steps;

  private FailingSteps(OptionalInt failing) {
    this.failing = failing;
  }

  /**
   * Runs an action and counts the steps of the program it starts.
   *
   * @param action what to run
   * @return the number of steps
   */
  public static int count(Runnable action) {
    FailingSteps none = new FailingSteps(OptionalInt.empty());
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
    FailingSteps one = new FailingSteps(OptionalInt.of(step));
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
      if (failing.isPresent()) {
        fail(channel, first + (long) ImageLayout.STEP_SIZE * failing.getAsInt());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  // The step fails by itself; its table of errors is the second, unused operand: all zero, which
  // means that every error is a failure.
  private static void fail(FileChannel channel, long at) throws IOException {
    ByteBuffer step = buffer(ImageLayout.STEP_ERRNO_TABLE + Integer.BYTES);
    channel.read(step, at);
    long result = step.getLong(ImageLayout.STEP_RESULT);
    step.put(0, new byte[step.capacity()]);
    step.putInt(ImageLayout.STEP_OPERATION, ControlOperation.FAIL.code());
    step.putLong(ImageLayout.STEP_RESULT, result);
    step.putLong(ImageLayout.STEP_OPERANDS, ERROR.number());
    long table = at - ImageLayout.DATA_OFFSET + ImageLayout.STEP_OPERANDS + Long.BYTES;
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
