package dev.belljar.linux.syscall;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.util.function.Supplier;

/**
 * The library's only way out of Java: functions of seven {@code long}s that return a {@code long}
 * and set {@code errno}.
 *
 * <p>libc's {@code syscall} has this shape, and so has the launcher's stub, because each further
 * shape would cost milliseconds at start-up.
 */
final class NativeAccess {
  private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;
  private static final FunctionDescriptor SHAPE =
      FunctionDescriptor.of(LONG, LONG, LONG, LONG, LONG, LONG, LONG, LONG);
  private static final MemoryLayout STATE = Linker.Option.captureStateLayout();
  private static final VarHandle ERRNO =
      STATE.varHandle(MemoryLayout.PathElement.groupElement("errno"));
  private static final ThreadLocal<MemorySegment> CALL_STATE =
      ThreadLocal.withInitial(() -> Arena.ofAuto().allocate(STATE));

  /** libc's {@code syscall}; null when this process may not or cannot make native calls. */
  private static final MethodHandle SYSCALL;

  private static final Supplier<RuntimeException> UNAVAILABLE;

  static {
    MethodHandle handle = null;
    Supplier<RuntimeException> unavailable = null;
    try {
      requireLinux(System.getProperty("os.name", ""));
      Architecture.current();
      Linker linker = Linker.nativeLinker();
      MemorySegment symbol =
          linker
              .defaultLookup()
              .find("syscall")
              .orElseThrow(
                  () -> new UnsupportedOperationException("libc has no function 'syscall'"));
      handle = bind(symbol);
    } catch (IllegalCallerException denied) {
      unavailable = () -> nativeAccessDenied(denied);
    } catch (UnsupportedOperationException unsupported) {
      String message = unsupported.getMessage();
      unavailable = () -> new UnsupportedOperationException(message, unsupported);
    }
    SYSCALL = handle;
    UNAVAILABLE = unavailable;
  }

  private NativeAccess() {}

  static void requireLinux(String osName) {
    if (!osName.equals("Linux")) {
      throw new UnsupportedOperationException(
          "Belljar needs Linux 5.14 or later; this is '" + osName + "'");
    }
  }

  /** Throws what every call would throw. */
  static void require() {
    if (SYSCALL == null) {
      throw UNAVAILABLE.get();
    }
  }

  private static RuntimeException nativeAccessDenied(IllegalCallerException cause) {
    Module module = NativeAccess.class.getModule();
    String name = module.isNamed() ? module.getName() : "ALL-UNNAMED";
    IllegalCallerException clear =
        new IllegalCallerException(
            "Belljar makes system calls through the Foreign Function & Memory API, which this JVM"
                + " denies; start it with --enable-native-access="
                + name);
    clear.initCause(cause);
    return clear;
  }

  /** Binds a native function of the one shape. */
  static MethodHandle bind(MemorySegment function) {
    return Linker.nativeLinker()
        .downcallHandle(function, SHAPE, Linker.Option.captureCallState("errno"));
  }

  /**
   * Calls {@code syscall}; an error is returned as the negative errno, as the kernel itself does.
   */
  static long syscall(long nr, long a, long b, long c, long d, long e, long f) {
    MethodHandle handle = SYSCALL;
    if (handle == null) {
      throw UNAVAILABLE.get();
    }
    MemorySegment state = CALL_STATE.get();
    long result;
    try {
      result = (long) handle.invokeExact(state, nr, a, b, c, d, e, f);
    } catch (RuntimeException | Error unexpected) {
      throw unexpected;
    } catch (Throwable impossible) {
      throw new AssertionError(impossible);
    }
    return result == -1 ? -(long) (int) ERRNO.get(state, 0L) : result;
  }

  /** Calls another function of the one shape with one argument; its result comes back as it is. */
  static long call(MethodHandle function, long argument) {
    try {
      return (long) function.invokeExact(CALL_STATE.get(), argument, 0L, 0L, 0L, 0L, 0L, 0L);
    } catch (RuntimeException | Error unexpected) {
      throw unexpected;
    } catch (Throwable impossible) {
      throw new AssertionError(impossible);
    }
  }
}
