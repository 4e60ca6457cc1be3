package dev.belljar.cgroups;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Time for real-time tasks in each period. */
record CpuRealtime(Duration runtime, Duration period) {
  List<String> mistakes() {
    List<String> mistakes = new ArrayList<>();
    mistakes.addAll(ResourceKeys.micros("cpuRealtime's runtime", runtime, Duration.ZERO, period));
    mistakes.addAll(
        ResourceKeys.micros(
            "cpuRealtime's period", period, Duration.ofNanos(1000), Duration.ofSeconds(4_294)));
    return mistakes;
  }

  @Override
  public String toString() {
    return runtime + " in " + period;
  }
}
