package dev.belljar.namespaces.attach;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ForeignFirewallTest {
  @Test
  void theLegacyFilterTableIsFoundAmongOthers() {
    assertThat(ForeignFirewall.hasFilter("nat\nfilter\n")).isTrue();
    assertThat(ForeignFirewall.hasFilter("nat\nmangle\n")).isFalse();
    assertThat(ForeignFirewall.hasFilter("")).isFalse();
  }
}
