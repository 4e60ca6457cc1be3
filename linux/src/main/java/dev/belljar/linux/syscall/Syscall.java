package dev.belljar.linux.syscall;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/**
 * System calls, by number.
 *
 * <p>Results are as the kernel gives them: a value, or an errno between -4095 and -1. The typed
 * calls beside this class turn errors into {@link dev.belljar.linux.LinuxException}.
 */
public final class Syscall {
  /** {@code AT_FDCWD} of {@code <fcntl.h>}: relative paths start at the working directory. */
  public static final int AT_FDCWD = -100;

  private static volatile Gate gate;

  private Syscall() {}

  /**
   * Puts a gate before every native call of this process; for tests of what happens when one fails.
   *
   * @param newGate the gate, or null for none
   */
  public static void setGate(Gate newGate) {
    gate = newGate;
  }

  /**
   * Checks that calls can be made at all. Whoever is called first from outside asks, since later
   * the answer would come out of the initialization of some class.
   *
   * @throws IllegalCallerException when the JVM was started without native access for this module
   * @throws UnsupportedOperationException when this is not Linux on x86-64 or aarch64
   */
  public static void requireAvailable() {
    NativeAccess.require();
  }

  /** A call without operands. */
  public static long call(SyscallNumber number) {
    return call(number, 0, 0, 0, 0, 0, 0);
  }

  /** A call with one operand. */
  public static long call(SyscallNumber number, long a) {
    return call(number, a, 0, 0, 0, 0, 0);
  }

  /** A call with two operands. */
  public static long call(SyscallNumber number, long a, long b) {
    return call(number, a, b, 0, 0, 0, 0);
  }

  /** A call with three operands. */
  public static long call(SyscallNumber number, long a, long b, long c) {
    return call(number, a, b, c, 0, 0, 0);
  }

  /** A call with four operands. */
  public static long call(SyscallNumber number, long a, long b, long c, long d) {
    return call(number, a, b, c, d, 0, 0);
  }

  /** A call with five operands. */
  public static long call(SyscallNumber number, long a, long b, long c, long d, long e) {
    return call(number, a, b, c, d, e, 0);
  }

  /**
   * Makes a system call.
   *
   * @return its result, or the negative errno
   * @throws IllegalCallerException when the JVM was started without native access for this module
   * @throws UnsupportedOperationException when this is not Linux on x86-64 or aarch64
   */
  public static long call(SyscallNumber number, long a, long b, long c, long d, long e, long f) {
    Elsewhere elsewhere = Elsewhere.ofThread();
    if (elsewhere != null) {
      return elsewhere.call(number, a, b, c, d, e, f);
    }
    Gate guard = gate;
    if (guard != null) {
      return guard.pass(
          number.toString(), () -> NativeAccess.syscall(number.here(), a, b, c, d, e, f));
    }
    return NativeAccess.syscall(number.here(), a, b, c, d, e, f);
  }

  /**
   * Says whether a result is an error.
   *
   * @param result a call's result
   * @return true for -4095..-1
   */
  public static boolean failed(long result) {
    return result < 0 && result >= -4095;
  }

  /** Machine code of ours, called like a C function of one {@code long}. */
  public static final class Code {
    private final String name;
    private final MethodHandle handle;

    /**
     * Binds code in executable memory.
     *
     * @param name what the gate sees as the call's name
     * @param address where the code begins
     */
    public Code(String name, long address) {
      this.name = name;
      this.handle = NativeAccess.bind(MemorySegment.ofAddress(address));
    }

    /**
     * Calls it.
     *
     * @param argument its argument
     * @return what it returned
     */
    public long call(long argument) {
      Gate guard = gate;
      if (guard != null) {
        return guard.pass(name, () -> NativeAccess.call(handle, argument));
      }
      return NativeAccess.call(handle, argument);
    }
  }
}
