package dev.belljar.linux;

import dev.belljar.linux.syscall.Syscall;
import dev.belljar.linux.syscall.SyscallNumber;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * An open file descriptor that this object owns: whoever holds the object closes it.
 *
 * <p>Every descriptor the library opens is close-on-exec and numbered 3 or above. Closing is
 * idempotent and safe from any thread. See open(2), close(2).
 */
public final class Descriptor implements AutoCloseable {
  private static final int CLOSED = -1;
  private static final VarHandle NUMBER;

  static {
    try {
      NUMBER = MethodHandles.lookup().findVarHandle(Descriptor.class, "number", int.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  @SuppressWarnings("FieldMayBeFinal") // written through NUMBER
  private volatile int number;

  private Descriptor(int number) {
    this.number = number;
  }

  /**
   * Takes ownership of an open descriptor.
   *
   * @param number its number, 0 or above
   * @return the owner
   * @throws IllegalArgumentException when the number is negative
   */
  public static Descriptor owning(int number) {
    if (number < 0) {
      throw new IllegalArgumentException("not a descriptor: " + number);
    }
    return new Descriptor(number);
  }

  /**
   * Returns the descriptor's number.
   *
   * @return the number, 0 or above
   * @throws IllegalStateException when it has been closed
   */
  public int number() {
    int current = number;
    if (current == CLOSED) {
      throw new IllegalStateException("the descriptor is closed");
    }
    return current;
  }

  /**
   * Tells whether {@link #close()} has been called.
   *
   * @return true once closed
   */
  public boolean isClosed() {
    return number == CLOSED;
  }

  /**
   * Closes the descriptor, once.
   *
   * @throws LinuxException when the kernel reports an error; the descriptor is closed all the same
   */
  @Override
  public void close() {
    int current = (int) NUMBER.getAndSet(this, CLOSED);
    if (current == CLOSED) {
      return;
    }
    long result = Syscall.call(SyscallNumber.CLOSE, current);
    if (Syscall.failed(result)) {
      throw new LinuxException((int) -result, "close(" + current + ")");
    }
  }

  /** Returns the number, or {@code closed}. */
  @Override
  public String toString() {
    int current = number;
    return current == CLOSED ? "fd closed" : "fd " + current;
  }
}
