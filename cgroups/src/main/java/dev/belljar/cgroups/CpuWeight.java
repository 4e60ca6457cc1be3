package dev.belljar.cgroups;

import dev.belljar.cgroups.controller.CpuShares;
import java.util.List;

/** CPU shares of version 1 or a weight of version 2, as it was asked for. */
sealed interface CpuWeight {
  long shares();

  long weight();

  String text();

  List<String> mistakes();

  record Shares(long shares, CpuShares.Conversion conversion) implements CpuWeight {
    @Override
    public long weight() {
      return conversion.toWeight(shares);
    }

    @Override
    public String text() {
      return Long.toString(shares);
    }

    @Override
    public List<String> mistakes() {
      return ResourceKey.outside("cpuShares", shares, CpuShares.MIN, CpuShares.MAX);
    }
  }

  record Weight(long weight) implements CpuWeight {
    @Override
    public long shares() {
      return CpuShares.ofWeight(weight);
    }

    @Override
    public String text() {
      return "(a weight of " + weight + ")";
    }

    @Override
    public List<String> mistakes() {
      return ResourceKey.outside("cpuWeight", weight, 1, CpuShares.MAX_WEIGHT);
    }
  }
}
