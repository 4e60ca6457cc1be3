package dev.belljar;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belljar.cgroups.Resources;
import dev.belljar.cgroups.controller.DeviceRule;
import dev.belljar.cgroups.controller.DeviceRules;
import dev.belljar.linux.testing.RequiresRoot;
import org.junit.jupiter.api.Test;

@RequiresRoot
class DeviceLimitTest extends ContainerTest {
  private static final String ZERO = "head -c 1 /dev/zero > /tmp/zero && echo zero; ";

  @Test
  void aDeviceThatIsNotAllowedCannotBeOpened() {
    Outcome outcome =
        run(
            sh(ZERO + "echo > /dev/null && echo null")
                .devices(DeviceRule.allow("c 1:3 rwm"), DeviceRule.allow("c 136:* rwm")));

    assertThat(outcome.out()).isEqualTo("null");
    assertThat(outcome.err()).contains("not permitted");
  }

  @Test
  void devicesCanBeTakenFromARunningContainer() throws Exception {
    try (Container container = resident().devices(DeviceRule.allow("c *:* rwm")).start()) {
      assertThat(exec(container, ZERO).out()).isEqualTo("zero");

      container.update(
          Resources.builder().devices(DeviceRules.of(DeviceRule.allow("c 1:3 rwm"))).build());

      assertThat(exec(container, ZERO).out()).isEmpty();
    }
  }
}
