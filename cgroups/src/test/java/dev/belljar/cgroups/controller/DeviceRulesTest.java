package dev.belljar.cgroups.controller;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.belljar.cgroups.controller.AnyDeviceRules.Access;
import dev.belljar.linux.DeviceNumber;
import java.util.List;
import java.util.Set;
import net.jqwik.api.Assume;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.domains.Domain;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Domain(AnyDeviceRules.class)
class DeviceRulesTest {
  private static final DeviceNumber NULL = new DeviceNumber(1, 3);

  @Property
  void aRuleIsParsedAsItIsPrinted(@ForAll DeviceRule rule) {
    assertThat(DeviceRule.parse(rule.allowed(), rule.text())).isEqualTo(rule);
  }

  @Property
  void theProgramDecidesAsTheRulesDo(@ForAll DeviceRules rules, @ForAll Access access) {
    int word = DeviceAccess.bits(access.access()) << 16 | access.kind().number();
    long result =
        BpfInterpreter.run(
            DeviceProgram.of(rules), word, access.number().major(), access.number().minor());

    assertThat(result == 1)
        .isEqualTo(rules.allows(access.kind(), access.number(), access.access()));
  }

  @Property
  void whatVersion1IsToldMeansTheSameUnlessADenialMakesAHole(@ForAll DeviceRules rules) {
    List<DeviceRule> lines;
    try {
      lines = DeviceList.of(rules);
    } catch (UnsupportedOperationException hole) {
      assertThat(rules.rules().stream().allMatch(DeviceRule::allowed)).isFalse();
      return;
    }
    for (Access access : AnyDeviceRules.each()) {
      // devcgroup: one line must cover all of what is done at once
      boolean listed =
          lines.stream()
              .anyMatch(line ->
                  line.matches(access.kind(), access.number())
                      && line.access().containsAll(access.access()));
      assertThat(listed)
          .as(access + " by " + lines)
          .isEqualTo(rules.allows(access.kind(), access.number(), access.access()));
    }
  }

  @Test
  void theLastRuleThatSpeaksOfAnAccessWins() {
    DeviceRules rules =
        DeviceRules.of(
            DeviceRule.allow("c 1:3 rwm"), DeviceRule.deny("c 1:* w"), DeviceRule.allow("c 5:0 r"));

    assertThat(rules.allows(DeviceKind.CHAR, NULL, Set.of(DeviceAccess.READ))).isTrue();
    assertThat(rules.allows(DeviceKind.CHAR, NULL, Set.of(DeviceAccess.WRITE))).isFalse();
    assertThat(rules.allows(DeviceKind.CHAR, NULL, DeviceAccess.ALL)).isFalse();
    assertThat(rules.allows(DeviceKind.BLOCK, NULL, Set.of(DeviceAccess.READ))).isFalse();
    assertThat(rules.allows(DeviceKind.CHAR, NULL, Set.of())).isTrue();
  }

  @Test
  void aRuleForAllForgetsThoseBefore() {
    DeviceRules rules =
        DeviceRules.of(DeviceRule.allow("c 1:3 rwm"), DeviceRule.deny("a"), DeviceRule.allow("a"));

    assertThat(rules.allowEverything()).isTrue();
    assertThat(DeviceList.of(rules)).containsExactly(DeviceRule.allow("a *:* rwm"));
    assertThat(DeviceRules.NOTHING.allowEverything()).isFalse();
  }

  @Test
  void accessesThatOneOpenWantsAreOnOneLineOfVersion1() {
    DeviceRules rules = DeviceRules.of(DeviceRule.allow("c *:* w"), DeviceRule.allow("c 1:3 r"));

    assertThat(DeviceList.of(rules))
        .containsExactly(DeviceRule.allow("c *:* w"), DeviceRule.allow("c 1:3 rw"));
  }

  @Test
  void aHoleInAWildcardIsNamed() {
    DeviceRules rules = DeviceRules.of(DeviceRule.allow("c 1:* rw"), DeviceRule.deny("c 1:5 w"));

    assertThatExceptionOfType(UnsupportedOperationException.class)
        .isThrownBy(() -> DeviceList.of(rules))
        .withMessageContaining("\"c 1:5 w\" inside \"c 1:* rw\"");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "c",
        "c 1:3",
        "c 1:3 ",
        "d 1:3 r",
        "c 1 r",
        "c 1:3:4 r",
        "c 1:-3 r",
        "c 1:x r",
        "c 4096:0 r",
        "c 0:1048576 r",
        "c 1:3 rr",
        "c 1:3 x",
        "a 1:* rwm",
        "a *:* r",
        "cc 1:3 r"
      })
  void whatIsNoRuleIsRefused(String text) {
    assertThatIllegalArgumentException().isThrownBy(() -> DeviceRule.allow(text));
  }

  @Property
  void anyListOfVersion1IsParsedAsItIsPrinted(@ForAll DeviceRules rules) {
    Assume.that(DevicesV1.inexpressible(rules).isEmpty());
    DeviceRules list = new DeviceRules(DeviceList.of(rules));

    assertThat(DevicesV1.parse(DevicesV1.print(list))).isEqualTo(list);
  }

  // devices.list of 6.18 and 6.1, of a new group, and after echo a > devices.deny and two allows
  @ParameterizedTest
  @ValueSource(strings = {"a *:* rwm", "", "c *:* m\nc 1:3 rwm"})
  void theListOfVersion1IsPrintedAsItIsParsed(String list) {
    assertThat(DevicesV1.print(DevicesV1.parse(list))).isEqualTo(list);
  }
}
