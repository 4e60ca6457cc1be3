package dev.belljar.linux.launch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.belljar.linux.syscall.SyscallNumber;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class StepTest {
  private static final ErrorRule OTHER = new ErrorRule(ErrorRule.ANY_OTHER, ErrorRule.FAIL);

  @Test
  void theLastRuleAndNoOtherIsForAnyErrno() {
    ErrorRule named = new ErrorRule(1, 0);

    assertThat(step(List.of(named, OTHER)).errors()).containsExactly(named, OTHER);
    assertThatIllegalArgumentException().isThrownBy(() -> step(List.of()));
    assertThatIllegalArgumentException().isThrownBy(() -> step(List.of(named)));
    assertThatIllegalArgumentException().isThrownBy(() -> step(List.of(OTHER, named, OTHER)));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> step(List.of(new ErrorRule(-1, 0), OTHER)));
  }

  private static Step step(List<ErrorRule> rules) {
    Operation operation = new Operation.Call(SyscallNumber.SETSID);
    return new Step("", operation, List.of(), Step.NO_RESULT, Demand.ANY, rules, 0, Map.of());
  }

  @Test
  void aDemandPrintsTheComparison() {
    assertThat(new Demand(Demand.Kind.EQUAL, 16)).hasToString("== 16");
    assertThat(new Demand(Demand.Kind.AT_LEAST, 1)).hasToString(">= 1");
    assertThat(Demand.ANY).hasToString("");
  }

  @ParameterizedTest
  @EnumSource
  void everyControlOperationIsTheMachinesOfTheSameName(Operation.Control control) {
    assertThat(control.machine().name()).isEqualTo(control.name());
  }

  @Test
  void demandsAreNumberedAsTheRunnerHasThem() {
    assertThat(Demand.Kind.values())
        .containsExactly(Demand.Kind.ANY, Demand.Kind.EQUAL, Demand.Kind.AT_LEAST);
  }

  @Test
  void aBlockPrintsAsAStringOnlyWhenItIsOne() {
    assertThat(new Block(new byte[] {'a', '\n', 0})).hasToString("\"a\\n\"");
    assertThat(new Block(new byte[] {'a', 0, 'b', 0})).hasToString("{61006200}");
    assertThat(new Block(new byte[] {'a'})).hasToString("{61}");
    assertThat(new Block(new byte[0])).hasToString("{}");
    assertThat(new Block(new byte[88])).hasToString("{88 bytes}");
  }

  @Test
  void aBlockKeepsItsOwnCopy() {
    byte[] bytes = {1};
    Block block = new Block(bytes);
    bytes[0] = 2;
    block.bytes()[0] = 3;

    assertThat(block.bytes()).containsExactly(1);
  }
}
