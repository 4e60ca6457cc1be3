package dev.belljar.linux.syscall;

/**
 * What every native call passes through, so that a test can make any of them fail.
 *
 * @see Syscall#setGate
 */
@FunctionalInterface
public interface Gate {
  /** A native call that has not been made yet. */
  @FunctionalInterface
  interface NativeCall {
    /**
     * Makes the call.
     *
     * @return its result, or the negative errno
     */
    long make();
  }

  /**
   * Decides about one call.
   *
   * @param name the call's name, such as {@code openat}
   * @param call the call itself
   * @return what the caller is to see as its result: {@code call.make()}, or a negative errno
   */
  long pass(String name, NativeCall call);
}
