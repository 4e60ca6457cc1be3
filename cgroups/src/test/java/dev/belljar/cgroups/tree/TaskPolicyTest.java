package dev.belljar.cgroups.tree;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TaskPolicyTest {
  /** {@code chrt -f 1 cat /proc/self/stat} on Linux 6.18, up to the policy and two fields more. */
  private static final String FIFO =
      "31816 (cat) R 31814 31814 9789 0 -1 4194560 177 0 0 0 0 0 0 0 -2 0 1 0 591934 3133440 414"
          + " 18446744073709551615 94037772746752 94037772766633 140734403836480 0 0 0 0 0 0 0 0 0"
          + " 17 0 1 1 0 0";

  @Test
  void thePolicyIsField41() {
    assertThat(TaskPolicy.policy(FIFO)).isEqualTo("1");
  }

  @Test
  void aNameWithBlanksAndBracketsIsPassedOver() {
    assertThat(TaskPolicy.policy(FIFO.replace("(cat)", "(a) 9 (b)"))).isEqualTo("1");
  }

  @ParameterizedTest
  @ValueSource(strings = {"0", "\n", "x", "../1", "4194305"})
  void whatIsNoRealTimeTaskIsNone(String id) {
    assertThat(TaskPolicy.isRealTime(id)).isFalse();
  }
}
