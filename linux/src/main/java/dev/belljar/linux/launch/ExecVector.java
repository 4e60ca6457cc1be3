package dev.belljar.linux.launch;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * The argument vector and environment of a launch in native memory, ready to be used many times.
 *
 * <p>Element 0 is left for the table of descriptors, which differs with each launch. The memory is
 * freed when the object is no longer reachable.
 *
 * @see <a href="https://man7.org/linux/man-pages/man2/execve.2.html">execve(2)</a>
 */
public final class ExecVector {
  private static final int POINTER = 8;

  private final MemorySegment arguments;
  private final MemorySegment environment;

  private ExecVector(MemorySegment arguments, MemorySegment environment) {
    this.arguments = arguments;
    this.environment = environment;
  }

  /**
   * Copies strings into native memory, as UTF-8.
   *
   * @param arguments the arguments, none of them with a NUL
   * @param environment the environment, each {@code NAME=value}
   * @return the vector
   * @throws IllegalArgumentException when a string holds a NUL, which would end it for the kernel
   */
  public static ExecVector of(List<String> arguments, List<String> environment) {
    Arena arena = Arena.ofAuto();
    MemorySegment argv = arena.allocate((arguments.size() + 2L) * POINTER, POINTER);
    copy(arena, arguments, argv, 1);
    MemorySegment envp = arena.allocate((environment.size() + 1L) * POINTER, POINTER);
    copy(arena, environment, envp, 0);
    return new ExecVector(argv, envp);
  }

  private static void copy(Arena arena, List<String> strings, MemorySegment pointers, int first) {
    for (int i = 0; i < strings.size(); i++) {
      if (strings.get(i).indexOf('\0') >= 0) {
        throw new IllegalArgumentException("a NUL in an argument or the environment");
      }
      MemorySegment string = arena.allocateFrom(strings.get(i), StandardCharsets.UTF_8);
      pointers.setAtIndex(ValueLayout.JAVA_LONG, first + i, string.address());
    }
  }

  /** The pointers of argv, the first of them 0, with a null pointer at the end. */
  MemorySegment arguments() {
    return arguments;
  }

  /** The pointers of envp, with a null pointer at the end. */
  MemorySegment environment() {
    return environment;
  }
}
