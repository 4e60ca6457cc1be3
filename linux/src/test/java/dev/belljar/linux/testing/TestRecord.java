package dev.belljar.linux.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.support.descriptor.ClassSource;
import org.junit.platform.engine.support.descriptor.MethodSource;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.TestPlan;

/**
 * Prints each slow test as it ends, so that a run that is cut off says where its time went, each
 * test that was skipped with its reason and, where the system property {@code belljar.test.record}
 * names a file, adds a line to it for each test method: {@code run NAME} or {@code skip NAME:
 * REASON}.
 */
public final class TestRecord implements TestExecutionListener {
  private static final Duration SLOW = Duration.ofSeconds(5);

  private final Map<String, Long> begun = new ConcurrentHashMap<>();
  private final Set<String> executed = new TreeSet<>();
  private final Set<String> skipped = new TreeSet<>();
  private TestPlan plan;

  /** Called by JUnit, which finds this class as a service. */
  public TestRecord() {}

  @Override
  public synchronized void testPlanExecutionStarted(TestPlan started) {
    plan = started;
    executed.clear();
    skipped.clear();
  }

  @Override
  public synchronized void executionSkipped(TestIdentifier test, String reason) {
    if (test.isTest()) {
      skipped.add(name(test) + ": " + oneLine(reason));
    } else {
      plan.getChildren(test).forEach(child -> executionSkipped(child, reason));
      if (plan.getChildren(test).isEmpty()
          && test.getSource().orElse(null) instanceof MethodSource) {
        skipped.add(name(test) + ": " + oneLine(reason)); // would have had invocations
      }
    }
  }

  @Override
  public void executionStarted(TestIdentifier test) {
    begun.put(test.getUniqueId(), System.nanoTime());
  }

  @Override
  public synchronized void executionFinished(TestIdentifier test, TestExecutionResult result) {
    Duration took = Duration.ofNanos(System.nanoTime() - begun.remove(test.getUniqueId()));
    if (test.isTest() && took.compareTo(SLOW) > 0) {
      System.out.println("Slow: " + took.toMillis() + " ms, " + name(test));
    }
    if (result.getStatus() == TestExecutionResult.Status.ABORTED) {
      executionSkipped(
          test,
          result.getThrowable().map(Throwable::getMessage).orElse("aborted without a reason"));
    } else if (test.isTest()) {
      executed.add(name(test));
    }
  }

  @Override
  public synchronized void testPlanExecutionFinished(TestPlan finished) {
    skipped.forEach(line -> System.out.println("Skipped " + line));
    String file = System.getProperty("belljar.test.record");
    if (file == null) {
      return;
    }
    Set<String> lines = new TreeSet<>();
    executed.forEach(name -> lines.add("run " + name));
    skipped.forEach(line -> lines.add("skip " + line));
    try {
      Files.write(Path.of(file), lines, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String name(TestIdentifier test) {
    return switch (test.getSource().orElse(null)) {
      case MethodSource method -> method.getClassName() + "." + method.getMethodName();
      case ClassSource type -> type.getClassName() + "." + test.getDisplayName();
      case null, default -> test.getUniqueId();
    };
  }

  private static String oneLine(String reason) {
    return reason.replaceAll("\\s+", " ").strip();
  }
}
