package dev.belljar.linux.testing;

import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.launcher.EngineFilter;
import org.junit.platform.launcher.Launcher;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.core.LauncherConfig;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

/** How the tests of a class ended, as lines of text that one JVM tells another. */
final class TestOutcomes implements TestExecutionListener {
  /** How a test ended. */
  enum Kind {
    PASSED,
    SKIPPED,
    FAILED
  }

  /**
   * How one test, or what is around it, ended.
   *
   * @param why empty when it passed
   */
  record Outcome(Kind kind, String name, String why) {}

  private static final String BEGIN = "outcome\t"; // tests may print lines too

  private final List<String> lines = new ArrayList<>();

  private TestOutcomes() {}

  /** Runs a class. */
  static List<String> of(String className) {
    TestOutcomes outcomes = new TestOutcomes();
    Launcher launcher =
        LauncherFactory.create(
            LauncherConfig.builder().enableTestExecutionListenerAutoRegistration(false).build());
    launcher.execute(
        LauncherDiscoveryRequestBuilder.request()
            .selectors(selectClass(className))
            .filters(EngineFilter.includeEngines("junit-jupiter"))
            .build(),
        outcomes);
    return List.copyOf(outcomes.lines);
  }

  /** Reads a line, if it is one of an outcome. */
  static Optional<Outcome> parse(String line) {
    if (!line.startsWith(BEGIN)) {
      return Optional.empty();
    }
    String[] fields = line.split("\t", 4);
    return Optional.of(new Outcome(Kind.valueOf(fields[1]), fields[2], fields[3]));
  }

  @Override
  public void executionSkipped(TestIdentifier test, String reason) {
    add(Kind.SKIPPED, test, reason);
  }

  @Override
  public void executionFinished(TestIdentifier test, TestExecutionResult result) {
    String why = result.getThrowable().map(Throwable::toString).orElse("");
    switch (result.getStatus()) {
      case SUCCESSFUL -> {
        if (test.isTest()) {
          add(Kind.PASSED, test, "");
        }
      }
      case ABORTED ->
          add(
              Kind.SKIPPED,
              test,
              result.getThrowable().map(Throwable::getMessage).orElse("without a reason"));
      case FAILED -> add(Kind.FAILED, test, why);
    }
  }

  private synchronized void add(Kind kind, TestIdentifier test, String why) {
    lines.add(BEGIN + kind + "\t" + oneLine(test.getLegacyReportingName()) + "\t" + oneLine(why));
  }

  private static String oneLine(String text) {
    return text.replaceAll("\\s+", " ").strip();
  }
}
