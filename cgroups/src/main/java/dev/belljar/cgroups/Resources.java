package dev.belljar.cgroups;

import dev.belljar.cgroups.controller.CpuQuota;
import dev.belljar.cgroups.controller.CpuShares;
import dev.belljar.cgroups.hierarchy.Subsystem;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/**
 * The limits of a group, in one vocabulary for both versions; what is not set is not limited.
 *
 * {@snippet :
 * Resources limits =
 *     Resources.builder().cpuShares(512).cpus(1.5).memory(64 << 20).pids(100).build();
 * }
 *
 * <p>Immutable. Which {@link Subsystem} each limit needs is said at the builder's methods.
 */
public final class Resources {
  /** The largest number of processes and threads the kernel counts to: 4194304. */
  public static final long MAX_PIDS = 4_194_304;

  /** The smallest memory limit: 65536 bytes, a page of the largest size a kernel may use. */
  public static final long MIN_MEMORY = 65_536;

  private static final Resources NONE = builder().build();

  private final OptionalLong cpuShares;
  private final Optional<CpuQuota> cpuQuota;
  private final OptionalLong memory;
  private final OptionalLong pids;

  private Resources(Builder builder) {
    this.cpuShares = builder.cpuShares;
    this.cpuQuota = builder.cpu.map(CpuTime::quota);
    this.memory = builder.memory;
    this.pids = builder.pids;
  }

  /**
   * Returns resources without any limit.
   *
   * @return no limits
   */
  public static Resources none() {
    return NONE;
  }

  /**
   * Starts with no limits.
   *
   * @return a builder
   */
  public static Builder builder() {
    return new Builder();
  }

  /**
   * Starts with these limits.
   *
   * @return a builder that has all of them
   */
  public Builder toBuilder() {
    return builder().with(this);
  }

  /**
   * Returns the CPU shares.
   *
   * @return 2 to 262144; empty when not set
   */
  public OptionalLong cpuShares() {
    return cpuShares;
  }

  /**
   * Returns the CPU quota.
   *
   * @return the quota; empty when not limited
   */
  public Optional<CpuQuota> cpuQuota() {
    return cpuQuota;
  }

  /**
   * Returns the memory limit.
   *
   * @return bytes; empty when not limited
   */
  public OptionalLong memory() {
    return memory;
  }

  /**
   * Returns how many processes and threads there may be.
   *
   * @return the number; empty when not limited
   */
  public OptionalLong pids() {
    return pids;
  }

  /**
   * Returns the subsystems that these limits need.
   *
   * @return the subsystems; none when nothing is limited
   */
  public Set<Subsystem> subsystems() {
    Set<Subsystem> needed = EnumSet.noneOf(Subsystem.class);
    limits().forEach(limit -> needed.add(limit.subsystem()));
    return needed;
  }

  /** The limits one by one, for messages that name them. */
  List<RequestedLimit> limits() {
    List<RequestedLimit> limits = new ArrayList<>();
    cpuShares.ifPresent(shares -> limits.add(limit("cpuShares " + shares, Subsystem.CPU)));
    cpuQuota.ifPresent(quota -> limits.add(limit("cpus " + quota.cpus(), Subsystem.CPU)));
    memory.ifPresent(bytes -> limits.add(limit("memory " + bytes, Subsystem.MEMORY)));
    pids.ifPresent(count -> limits.add(limit("pids " + count, Subsystem.PIDS)));
    return limits;
  }

  private static RequestedLimit limit(String text, Subsystem subsystem) {
    return new RequestedLimit(text, subsystem);
  }

  /** A limit as a person would say it, and the subsystem it needs. */
  record RequestedLimit(String text, Subsystem subsystem) {}

  @Override
  public boolean equals(Object other) {
    return other instanceof Resources that
        && cpuShares.equals(that.cpuShares)
        && cpuQuota.equals(that.cpuQuota)
        && memory.equals(that.memory)
        && pids.equals(that.pids);
  }

  @Override
  public int hashCode() {
    return Objects.hash(cpuShares, cpuQuota, memory, pids);
  }

  /** Lists the limits, such as {@code cpuShares 512, memory 67108864}. */
  @Override
  public String toString() {
    List<String> texts = limits().stream().map(RequestedLimit::text).toList();
    return texts.isEmpty() ? "no limits" : String.join(", ", texts);
  }

  /** Processor time as it was asked for, so that mistakes are told in the words of the caller. */
  private sealed interface CpuTime {
    CpuQuota quota();

    List<String> mistakes();

    record Cpus(double cpus) implements CpuTime {
      @Override
      public CpuQuota quota() {
        return CpuQuota.ofCpus(cpus);
      }

      @Override
      public List<String> mistakes() {
        return CpuQuota.mistakes(cpus);
      }
    }

    record Quota(Duration time, Duration period) implements CpuTime {
      @Override
      public CpuQuota quota() {
        return new CpuQuota(time, period);
      }

      @Override
      public List<String> mistakes() {
        return CpuQuota.mistakes(time, period);
      }
    }
  }

  /** Collects limits; of several calls for one limit the last counts. */
  public static final class Builder {
    private OptionalLong cpuShares = OptionalLong.empty();
    private Optional<CpuTime> cpu = Optional.empty();
    private OptionalLong memory = OptionalLong.empty();
    private OptionalLong pids = OptionalLong.empty();

    private Builder() {}

    /**
     * Sets how much processor time the group gets beside its siblings when there is not enough.
     *
     * <p>Needs {@link Subsystem#CPU}. On version 2 the weight of {@link CpuShares#toWeight} is set.
     *
     * @param shares 2 to 262144; a new group has 1024
     * @return this
     */
    public Builder cpuShares(long shares) {
      cpuShares = OptionalLong.of(shares);
      return this;
    }

    /**
     * Limits processor time to a number of processors; see {@link CpuQuota#ofCpus}.
     *
     * <p>Needs {@link Subsystem#CPU}. Sets the same limit as {@link #cpuQuota}.
     *
     * @param cpus 0.01 to 8192, for example 1.5
     * @return this
     */
    public Builder cpus(double cpus) {
      cpu = Optional.of(new CpuTime.Cpus(cpus));
      return this;
    }

    /**
     * Limits processor time to a quota in each period.
     *
     * <p>Needs {@link Subsystem#CPU}. Sets the same limit as {@link #cpus}.
     *
     * @param quota 1 ms to 8192 times the period, in whole microseconds
     * @param period 1 ms to 1 s, in whole microseconds
     * @return this
     */
    public Builder cpuQuota(Duration quota, Duration period) {
      cpu = Optional.of(new CpuTime.Quota(quota, period));
      return this;
    }

    /**
     * Limits memory, page cache included; a process that goes beyond it is killed when nothing can
     * be reclaimed.
     *
     * <p>Needs {@link Subsystem#MEMORY}. The kernel rounds down to pages. Swap is not limited by
     * it.
     *
     * @param bytes at least 65536
     * @return this
     */
    public Builder memory(long bytes) {
      memory = OptionalLong.of(bytes);
      return this;
    }

    /**
     * Limits how many processes and threads there may be; beyond it fork(2) fails with EAGAIN.
     *
     * <p>Needs {@link Subsystem#PIDS}.
     *
     * @param count 1 to 4194304
     * @return this
     */
    public Builder pids(long count) {
      pids = OptionalLong.of(count);
      return this;
    }

    /**
     * Takes over the limits that are set in other resources, and keeps the rest.
     *
     * @param other the other resources
     * @return this
     */
    public Builder with(Resources other) {
      if (other.cpuShares.isPresent()) {
        cpuShares = other.cpuShares;
      }
      if (other.cpuQuota.isPresent()) {
        CpuQuota quota = other.cpuQuota.get();
        cpuQuota(quota.quota(), quota.period());
      }
      if (other.memory.isPresent()) {
        memory = other.memory;
      }
      if (other.pids.isPresent()) {
        pids = other.pids;
      }
      return this;
    }

    /**
     * Checks the limits without making anything.
     *
     * @return every mistake, a sentence each; none when {@link #build} will succeed
     */
    public List<String> mistakes() {
      List<String> mistakes = new ArrayList<>();
      range(mistakes, "cpuShares", cpuShares, CpuShares.MIN, CpuShares.MAX);
      cpu.ifPresent(time -> mistakes.addAll(time.mistakes()));
      range(mistakes, "memory", memory, MIN_MEMORY, Long.MAX_VALUE);
      range(mistakes, "pids", pids, 1, MAX_PIDS);
      return mistakes;
    }

    private static void range(
        List<String> mistakes, String name, OptionalLong value, long min, long max) {
      if (value.isPresent() && (value.getAsLong() < min || value.getAsLong() > max)) {
        String range = max == Long.MAX_VALUE ? "at least " + min : min + " to " + max;
        mistakes.add("%s must be %s, not %d".formatted(name, range, value.getAsLong()));
      }
    }

    /**
     * Makes the resources.
     *
     * @return the limits collected so far
     * @throws IllegalArgumentException when any is out of its range; the message lists all mistakes
     */
    public Resources build() {
      List<String> mistakes = mistakes();
      if (!mistakes.isEmpty()) {
        throw new IllegalArgumentException(String.join("; ", mistakes));
      }
      return new Resources(this);
    }
  }
}
