package dev.belljar.linux.launch;

import dev.belljar.linux.Errno;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A step being described; every method returns the same object. */
public final class StepDraft {
  private static final ProgramBuilder.Label NEXT = new ProgramBuilder.Label();

  private final Operation operation;
  private final List<Argument> operands;
  private final Map<Integer, ProgramBuilder.Label> rules = new LinkedHashMap<>();
  private final Map<Integer, String> remedies = new HashMap<>();

  private String name = "";
  private ProgramBuilder.Variable result;
  private Demand demand = Demand.ANY;
  private long namespaces;

  StepDraft(Operation operation, List<Argument> operands) {
    this.operation = operation;
    this.operands = operands;
  }

  /** Says what it does, as the end of "could not ...". */
  public StepDraft named(String what) {
    name = what;
    return this;
  }

  /** Keeps the result in a cell. */
  public StepDraft into(ProgramBuilder.Variable cell) {
    result = cell;
    return this;
  }

  /** Demands a result; another one is a failure. */
  public StepDraft demand(long value) {
    demand = new Demand(Demand.Kind.EQUAL, value);
    return this;
  }

  /** Demands a result of at least this. */
  public StepDraft demandAtLeast(long value) {
    demand = new Demand(Demand.Kind.AT_LEAST, value);
    return this;
  }

  /** Goes on with the next step when the call fails so. */
  public StepDraft ignore(Errno... errors) {
    for (Errno error : errors) {
      rules.put(error.number(), NEXT);
    }
    return this;
  }

  /** Goes on with the next step however the call fails. */
  public StepDraft ignoreAll() {
    rules.put(ErrorRule.ANY_OTHER, NEXT);
    return this;
  }

  /** Goes elsewhere when the call fails so. */
  public StepDraft on(Errno error, ProgramBuilder.Label label) {
    rules.put(error.number(), label);
    return this;
  }

  /** Goes elsewhere however else the call fails. */
  public StepDraft onAnyOther(ProgramBuilder.Label label) {
    rules.put(ErrorRule.ANY_OTHER, label);
    return this;
  }

  /** Declares which namespaces it changes, as {@code CLONE_NEW*} flags. */
  public StepDraft changes(long kinds) {
    namespaces = kinds;
    return this;
  }

  /** Says what a person can do when the call fails so. */
  public StepDraft remedy(Errno error, String text) {
    remedies.put(error.number(), text);
    return this;
  }

  /** Says what a person can do when the call fails in a way that has no remedy of its own. */
  public StepDraft remedy(String text) {
    remedies.put(ErrorRule.ANY_OTHER, text);
    return this;
  }

  Step finish(int index) {
    List<ErrorRule> errors = new ArrayList<>();
    rules.forEach((errno, label) -> {
      if (errno != ErrorRule.ANY_OTHER) {
        errors.add(new ErrorRule(errno, label == NEXT ? index + 1 : label.target()));
      }
    });
    ProgramBuilder.Label other = rules.get(ErrorRule.ANY_OTHER);
    errors.add(
        other == null
            ? Step.FAIL_ON_ANY
            : new ErrorRule(ErrorRule.ANY_OTHER, other == NEXT ? index + 1 : other.target()));
    return new Step(
        name,
        operation,
        operands.stream().map(Argument::resolve).toList(),
        result == null ? Step.NO_RESULT : result.cell(),
        demand,
        errors,
        namespaces,
        remedies);
  }
}
