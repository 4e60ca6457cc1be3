package dev.belljar.linux.launch;

import dev.belljar.linux.syscall.SyscallNumber;
import java.util.List;
import java.util.Map;

/**
 * One step of a {@link LaunchProgram}: a call, its operands, and what its results mean.
 *
 * @param name what it does, for people: part of the sentence "could not ...", may be empty
 * @param operation the call or control operation
 * @param operands up to six
 * @param result the index of the cell that takes the result, or {@link #NO_RESULT}
 * @param demand what the result must be
 * @param errors what to do for each errno; the last one is for any other
 * @param namespaces the kinds of namespace it changes, as {@code CLONE_NEW*} flags; 0 for none
 * @param remedies what to do about a failure, by errno; {@link ErrorRule#ANY_OTHER} for any other
 */
public record Step(
    String name,
    Operation operation,
    List<Operand> operands,
    int result,
    Demand demand,
    List<ErrorRule> errors,
    long namespaces,
    Map<Integer, String> remedies) {
  /** No cell takes the result. */
  public static final int NO_RESULT = -1;

  /** The most operands a system call has. */
  public static final int MOST_OPERANDS = 6;

  static final ErrorRule FAIL_ON_ANY = new ErrorRule(ErrorRule.ANY_OTHER, ErrorRule.FAIL);

  /** Checks the number of operands and that the last rule is for any other errno. */
  public Step {
    operands = List.copyOf(operands);
    errors = List.copyOf(errors);
    remedies = Map.copyOf(remedies);
    if (operands.size() > MOST_OPERANDS) {
      throw new IllegalArgumentException("a step has at most six operands: " + operands);
    }
    if (errors.isEmpty() || errors.getLast().errno() != ErrorRule.ANY_OTHER) {
      throw new IllegalArgumentException("the last rule must be for any other errno: " + errors);
    }
    for (ErrorRule rule : errors.subList(0, errors.size() - 1)) {
      if (rule.errno() <= ErrorRule.ANY_OTHER) {
        throw new IllegalArgumentException("only the last rule is for any other errno: " + errors);
      }
    }
  }

  /** Whether it may be followed by nothing: it ends the process, or never goes on with the next. */
  boolean isEnd() {
    // Without a switch over constants, which takes a new JVM some 25 ms.
    if (operation instanceof Operation.Call(var number)) {
      return number == SyscallNumber.EXIT_GROUP
          || number == SyscallNumber.EXECVE
          || number == SyscallNumber.EXECVEAT;
    }
    return operation == Operation.Control.FAIL
        || operation == Operation.Control.JUMP_EQUAL && operands.get(0).equals(operands.get(1));
  }

  /** The same step as the image holds it, which has no words and no namespaces. */
  Step bare() {
    return new Step("", operation, operands, result, demand, errors, 0, Map.of());
  }

  /** Returns what to do about a failure, empty where that is not known. */
  String remedy(int errno) {
    return remedies.getOrDefault(errno, remedies.getOrDefault(ErrorRule.ANY_OTHER, ""));
  }
}
