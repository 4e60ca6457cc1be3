package dev.belljar.linux.testing;

import static org.assertj.core.api.Assertions.fail;

import java.io.IOException;
import java.lang.reflect.Method;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.platform.commons.support.AnnotationSupport;
import org.junit.platform.commons.support.HierarchyTraversalMode;
import org.junit.platform.commons.support.ReflectionSupport;

/** Compares the machine before and after each test and each class, and fails on any difference. */
final class LeavesNothingBehind
    implements BeforeAllCallback, BeforeEachCallback, AfterEachCallback, AfterAllCallback {
  /** What ends on other threads (a reaped child, a finished thread) may take this long. */
  private static final Duration DEADLINE = Duration.ofSeconds(10);

  /** How long a look at the machine holds: to take one takes 50 ms on an emulated one. */
  private static final Duration RECENT = Duration.ofMillis(100);

  private static final ExtensionContext.Namespace NAMESPACE =
      ExtensionContext.Namespace.create(LeavesNothingBehind.class);

  private static Optional<Look> last = Optional.empty();

  /** What there was after a test, for the one of the same class that follows at once. */
  private record Look(Machine machine, long nanos) {
    boolean isRecent() {
      return System.nanoTime() - nanos < RECENT.toNanos();
    }
  }

  @Override
  public void beforeAll(ExtensionContext context) throws IOException, InterruptedException {
    Machine.now(); // loads what looking at the machine needs
    loadWhatTheJdkKeeps();
    for (Method method :
        AnnotationSupport.findAnnotatedMethods(
            context.getRequiredTestClass(), WarmUp.class, HierarchyTraversalMode.TOP_DOWN)) {
      ReflectionSupport.invokeMethod(method, null);
    }
    last = Optional.empty();
    remember(context);
  }

  // With its first socket the JDK makes a pair of sockets that it keeps, and with a process a
  // thread that stays for a while. The streams would be closed some time later, by the garbage
  // collector.
  private static void loadWhatTheJdkKeeps() throws IOException, InterruptedException {
    SocketChannel.open().close();
    Process process = new ProcessBuilder("true").start();
    process.outputWriter().close();
    process.inputReader().close();
    process.errorReader().close();
    process.waitFor();
  }

  @Override
  public void beforeEach(ExtensionContext context) {
    remember(context);
  }

  @Override
  public void afterEach(ExtensionContext context) {
    compare(context);
  }

  @Override
  public void afterAll(ExtensionContext context) {
    compare(context);
  }

  private static void remember(ExtensionContext context) {
    Machine now = last.filter(Look::isRecent).map(Look::machine).orElseGet(Machine::now);
    context.getStore(NAMESPACE).put(context.getUniqueId(), now);
  }

  private static void compare(ExtensionContext context) {
    Machine before = context.getStore(NAMESPACE).remove(context.getUniqueId(), Machine.class);
    long end = System.nanoTime() + DEADLINE.toNanos();
    Machine now = Machine.now();
    List<String> differences = now.differencesFrom(before);
    while (!differences.isEmpty() && System.nanoTime() < end) {
      LockSupport.parkNanos(Duration.ofMillis(10).toNanos());
      now = Machine.now();
      differences = now.differencesFrom(before);
    }
    last = Optional.of(new Look(now, System.nanoTime()));
    if (!differences.isEmpty()) {
      fail(
          "%s did not leave the machine as it found it:%n  %s"
              .formatted(
                  context.getDisplayName(),
                  String.join(System.lineSeparator() + "  ", differences)));
    }
  }
}
