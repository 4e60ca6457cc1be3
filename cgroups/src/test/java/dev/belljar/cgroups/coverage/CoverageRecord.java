package dev.belljar.cgroups.coverage;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.TestWatcher;

/**
 * Notes which control files the tests that passed have covered, in the file that the system
 * property {@code belljar.coverage.record} names: lines {@code effect FILE TEST} or {@code read
 * FILE TEST WHY}. {@link ControlFileListingTest} adds what the machine has, and {@link
 * MachineCoverage} reads it.
 */
final class CoverageRecord implements TestWatcher {
  /** Marks the tests that record something. */
  static final String TAG = "coverage";

  @Override
  public void testSuccessful(ExtensionContext context) {
    Method test = context.getRequiredTestMethod();
    String name = CoveringTest.of(context.getRequiredTestClass(), test.getName()).toString();
    List<String> lines = new ArrayList<>();
    Proves proves = test.getAnnotation(Proves.class);
    if (proves != null) {
      for (String file : proves.value()) {
        lines.add("effect " + file + " " + name);
      }
    }
    ReadsBack readsBack = test.getAnnotation(ReadsBack.class);
    if (readsBack != null) {
      for (String file : readsBack.value()) {
        lines.add("read " + file + " " + name + " " + readsBack.why());
      }
    }
    write(lines);
  }

  /** Adds lines to the record, if one is asked for. */
  static void write(List<String> lines) {
    String record = System.getProperty("belljar.coverage.record", "");
    if (record.isEmpty()) {
      return;
    }
    try {
      Files.write(Path.of(record), lines, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
