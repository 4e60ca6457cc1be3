package dev.belljar.linux.launch;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;

/**
 * Loads what the JVM's first start of a process needs, beside whatever the program does meanwhile:
 * linking the first native call and reading the classes takes longer than all that is called then.
 *
 * <p>Nothing is started, and nothing that can be seen from outside is left.
 */
public final class LoadingAhead {
  private static final AtomicBoolean BEGUN = new AtomicBoolean();

  private LoadingAhead() {}

  /**
   * Begins, on a thread of its own, where there is a processor for it; only the first call in a JVM
   * does. Failures are left to the start, which meets them again.
   *
   * @param program gives a program like the one that is to be started
   */
  public static void begin(Supplier<LaunchProgram> program) {
    if (Runtime.getRuntime().availableProcessors() == 1 || !BEGUN.compareAndSet(false, true)) {
      return;
    }
    Thread thread = new Thread(null, () -> load(program), "belljar-loading", 0, false);
    thread.setDaemon(true);
    thread.setContextClassLoader(null);
    thread.start();
  }

  private static void load(Supplier<LaunchProgram> program) {
    try (LaunchImage _ = LaunchImage.of(program.get())) {
      LaunchStub.code();
    } catch (RuntimeException _) {
      // The start will tell.
    }
  }
}
