package dev.belljar;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belljar.linux.testing.Effort;
import dev.belljar.linux.testing.FailingCalls;
import dev.belljar.linux.testing.FailingSteps;
import dev.belljar.linux.testing.Machine;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;

/**
 * Makes each call that the starting thread and the launch threads make fail in turn, or each step
 * of a launch program, and looks whether the exception names it and anything is left behind.
 */
final class Faults {
  static final String READY = "report that all is ready";
  private static final int MOST_WRONG = 3;
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private Faults() {}

  /** Something that is started and ended again, while something in it fails. */
  interface Life {
    /** Makes what it needs, with nothing failing. */
    default void begin() {}

    /** Starts and ends it. */
    void live();

    /** Whether it went on without what a failing call was for. */
    default boolean doesWithout() {
      return false;
    }

    /** Frees what is left, with nothing failing any more. */
    void end();

    /** Says what is left behind in the places that it alone uses. */
    default List<String> left() {
      return List.of();
    }
  }

  /** Fails every call in turn. */
  static void failEveryCall(Life life) {
    failCalls(life, _ -> true);
  }

  /** Fails every call of some kinds in turn. */
  static void failCalls(Life life, Predicate<FailingCalls.Call> which) {
    life.begin();
    List<FailingCalls.Call> calls = FailingCalls.of(life::live).stream().filter(which).toList();
    life.end();
    Machine before = atRest();
    List<String> wrong = new ArrayList<>();
    for (FailingCalls.Call call : Effort.of(calls)) {
      life.begin();
      FailingCalls.Outcome outcome = FailingCalls.failing(call, life::live);
      life.end();
      List<String> texts = outcome.failure().map(Faults::texts).orElse(List.of());
      boolean silent = texts.isEmpty() && life.doesWithout();
      if (outcome.reached() && !silent && texts.stream().noneMatch(text -> isNamed(call, text))) {
        wrong.add(call + " is not named: " + texts);
      }
      if (!outcome.reached() && !texts.isEmpty()) {
        wrong.add(call + " was not made, but: " + texts);
      }
      differences(before).forEach(left -> wrong.add(call + " " + left));
      life.left().forEach(left -> wrong.add(call + " left behind: " + left));
      if (wrong.size() >= MOST_WRONG) {
        break; // what is left stays, so that all further calls would seem wrong, too
      }
    }
    assertThat(calls).hasSizeGreaterThan(5);
    assertThat(wrong).isEmpty();
  }

  /** Whether a message tells both the call and its error, as strace would. */
  private static boolean isNamed(FailingCalls.Call call, String text) {
    return text.contains(call.name() + "(") && text.contains(FailingCalls.ERROR.name());
  }

  /** Returns the names of the steps that failed. */
  static List<String> failEveryStep(Life life, List<String> names) {
    life.begin();
    int count = FailingSteps.count(life::live);
    life.end();
    Machine before = atRest();
    List<String> wrong = new ArrayList<>();
    List<String> failed = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      String name = names.isEmpty() ? "" : names.get(i);
      if (i % Effort.STRIDE != 0 && !name.equals(READY)) {
        continue;
      }
      life.begin();
      Optional<Throwable> failure = FailingSteps.failing(i, life::live);
      life.end();
      if (failure.isEmpty()) {
        continue; // the program has not come to it
      }
      failed.add(name);
      List<String> texts = texts(failure.get());
      if (!texts.getFirst().contains(name)
          || !texts.getFirst().contains(FailingSteps.ERROR.name())) {
        wrong.add("step " + i + " " + name + " is not named: " + texts);
      }
      for (String left : differences(before)) {
        wrong.add("step " + i + " " + name + " " + left);
      }
      life.left().forEach(left -> wrong.add("step " + name + " left behind: " + left));
    }
    assertThat(wrong).isEmpty();
    return failed;
  }

  // What a life has ended may be a process for a little while, which later ones would miss.
  private static Machine atRest() {
    Await.until("all processes have ended", () -> Await.children().isEmpty());
    return Machine.now();
  }

  // What ends on other threads may take a little while.
  private static List<String> differences(Machine before) {
    List<String> differences = Machine.now().differencesFrom(before);
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (!differences.isEmpty() && System.nanoTime() < end) {
      LockSupport.parkNanos(Duration.ofMillis(2).toNanos());
      differences = Machine.now().differencesFrom(before);
    }
    return differences;
  }

  /** The messages of what was thrown and of all that it brought with it. */
  private static List<String> texts(Throwable failure) {
    List<String> texts = new ArrayList<>();
    addTexts(failure, texts);
    return texts;
  }

  private static void addTexts(Throwable failure, List<String> texts) {
    texts.add(String.valueOf(failure.getMessage()));
    if (failure.getCause() != null) {
      addTexts(failure.getCause(), texts);
    }
    for (Throwable suppressed : failure.getSuppressed()) {
      addTexts(suppressed, texts);
    }
  }
}
