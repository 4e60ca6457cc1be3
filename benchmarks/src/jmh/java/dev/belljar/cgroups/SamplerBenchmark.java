package dev.belljar.cgroups;

import dev.belljar.cgroups.hierarchy.CgroupDirectory;
import dev.belljar.cgroups.hierarchy.CgroupLayout;
import dev.belljar.cgroups.hierarchy.CgroupVersion;
import dev.belljar.cgroups.hierarchy.Hierarchy;
import dev.belljar.cgroups.stats.CgroupSampler;
import dev.belljar.cgroups.stats.CgroupSnapshot;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Sampling the groups that the JVM itself is in, one of each hierarchy: with {@code -prof gc}, what
 * garbage a sample makes once it is compiled.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 5, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(1)
public class SamplerBenchmark {
  private final CgroupSnapshot snapshot = new CgroupSnapshot();
  private final List<CgroupDirectory> groups = new ArrayList<>();
  private CgroupSampler sampler;

  /** Opens the sampler. */
  @Setup
  public void open() {
    for (Hierarchy hierarchy : CgroupLayout.current().hierarchies()) {
      if (hierarchy.version() == CgroupVersion.V2 || !hierarchy.subsystems().isEmpty()) {
        groups.add(CgroupDirectory.open(hierarchy, hierarchy.own().orElseThrow()));
      }
    }
    sampler = CgroupSampler.open(groups);
  }

  /** Closes it. */
  @TearDown
  public void close() {
    sampler.close();
    groups.forEach(CgroupDirectory::close);
  }

  /** Takes a sample. */
  @Benchmark
  public Object sample() {
    sampler.sample(snapshot);
    return snapshot;
  }
}
