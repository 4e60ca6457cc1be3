package dev.belljar.cgroups;

import dev.belljar.cgroups.controller.CpuQuota;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Processor time as it was asked for, so that mistakes are told in the words of the caller. */
sealed interface CpuTime {
  /** Empty: as much as there is. */
  Optional<CpuQuota> quota();

  List<String> mistakes();

  default String text() {
    return quota().map(quota -> Double.toString(quota.cpus())).orElse("unlimited");
  }

  record Cpus(double cpus) implements CpuTime {
    @Override
    public Optional<CpuQuota> quota() {
      return Optional.of(CpuQuota.ofCpus(cpus));
    }

    @Override
    public List<String> mistakes() {
      return CpuQuota.mistakes(cpus);
    }
  }

  record Quota(Duration time, Duration period) implements CpuTime {
    @Override
    public Optional<CpuQuota> quota() {
      return Optional.of(new CpuQuota(time, period));
    }

    @Override
    public List<String> mistakes() {
      return CpuQuota.mistakes(time, period);
    }
  }

  record Unlimited() implements CpuTime {
    @Override
    public Optional<CpuQuota> quota() {
      return Optional.empty();
    }

    @Override
    public List<String> mistakes() {
      return List.of();
    }
  }
}
