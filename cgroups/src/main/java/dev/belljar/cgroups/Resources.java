package dev.belljar.cgroups;

import dev.belljar.cgroups.controller.CpuQuota;
import dev.belljar.cgroups.controller.DeviceRules;
import dev.belljar.cgroups.controller.Limit;
import dev.belljar.cgroups.hierarchy.Subsystem;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The limits of a group, in one vocabulary for both versions; what is not set is left as it is,
 * which for a new group is without a limit.
 *
 * {@snippet :
 * Resources limits =
 *     Resources.builder().cpuShares(512).cpus(1.5).memory(64 << 20).pids(100).build();
 * }
 *
 * <p>Immutable. What each limit means, its range and the {@link Subsystem} it needs are said at the
 * methods of {@link ResourcesBuilder}.
 */
public final class Resources {
  /** The largest number of processes and threads the kernel counts to: 4194304. */
  public static final long MAX_PIDS = 4_194_304;

  /** The smallest memory limit: 65536 bytes, a page of the largest size a kernel may use. */
  public static final long MIN_MEMORY = 65_536;

  private static final Resources NONE = builder().build();

  private final Map<ResourceKey<?>, Object> values;
  private final SortedMap<String, String> unified;

  Resources(Map<ResourceKey<?>, Object> values, SortedMap<String, String> unified) {
    this.values = new LinkedHashMap<>(values);
    this.unified = new TreeMap<>(unified);
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
  public static ResourcesBuilder builder() {
    return new ResourcesBuilder();
  }

  /**
   * Starts with these limits.
   *
   * @return a builder that has all of them
   */
  public ResourcesBuilder toBuilder() {
    return builder().with(this);
  }

  /**
   * Returns the CPU shares.
   *
   * @return 2 to 262144; empty when neither they nor a weight are set
   */
  public OptionalLong cpuShares() {
    return get(ResourceKeys.CPU_WEIGHT)
        .map(weight -> OptionalLong.of(weight.shares()))
        .orElse(OptionalLong.empty());
  }

  /**
   * Returns the CPU quota.
   *
   * @return the quota; empty when not limited
   */
  public Optional<CpuQuota> cpuQuota() {
    return get(ResourceKeys.CPU_TIME).flatMap(CpuTime::quota);
  }

  /**
   * Returns how much unused CPU quota may be saved up.
   *
   * @return the time; empty when not set
   */
  public Optional<Duration> cpuBurst() {
    return get(ResourceKeys.CPU_BURST);
  }

  /**
   * Returns the memory limit.
   *
   * @return bytes; empty when not set, or set to unlimited
   */
  public OptionalLong memory() {
    return bound(ResourceKeys.MEMORY);
  }

  /**
   * Returns the limit of memory and swap together.
   *
   * @return bytes; empty when not set, or set to unlimited
   */
  public OptionalLong memorySwap() {
    return bound(ResourceKeys.MEMORY_SWAP);
  }

  /**
   * Returns how many processes and threads there may be.
   *
   * @return the number; empty when not set, or set to unlimited
   */
  public OptionalLong pids() {
    return bound(ResourceKeys.PIDS);
  }

  /**
   * Returns the raw files of version 2 that are written.
   *
   * @return values by file name
   */
  public Map<String, String> unified() {
    return Map.copyOf(unified);
  }

  private OptionalLong bound(ResourceKey<Limit> key) {
    return get(key).map(Limit::value).orElse(OptionalLong.empty());
  }

  /** The value of a key, if it is set. */
  @SuppressWarnings("unchecked") // the builder puts a T under a key of T only
  <T> Optional<T> get(ResourceKey<T> key) {
    return Optional.ofNullable((T) values.get(key));
  }

  Map<ResourceKey<?>, Object> values() {
    return values;
  }

  SortedMap<String, String> rawFiles() {
    return unified;
  }

  /**
   * Returns which devices may be used.
   *
   * @return the rules; empty when they are not set
   */
  public Optional<DeviceRules> devices() {
    return get(ResourceKeys.DEVICES);
  }

  /**
   * Returns the subsystems that these limits need.
   *
   * @return the subsystems; none when nothing is limited
   */
  public Set<Subsystem> subsystems() {
    Set<Subsystem> needed = EnumSet.noneOf(Subsystem.class);
    limits().forEach(limit -> limit.subsystem().ifPresent(needed::add));
    return needed;
  }

  /** The limits one by one, for messages that name them. */
  List<RequestedLimit> limits() {
    List<RequestedLimit> limits = new ArrayList<>();
    for (ResourceKey<?> key : ResourceKeys.ALL) {
      text(key)
          .ifPresent(
              text -> limits.add(new RequestedLimit(text, Optional.of(key.subsystem()), false)));
    }
    unified.forEach((file, value) ->
        limits.add(
            new RequestedLimit(
                "unified " + file + " " + value, ResourceKeys.subsystem(file), true)));
    return limits;
  }

  private <T> Optional<String> text(ResourceKey<T> key) {
    return get(key).map(value -> key.name() + " " + key.print().apply(value));
  }

  /**
   * A limit as a person would say it, and what it needs.
   *
   * @param subsystem the subsystem; none for what every group of version 2 has
   * @param onlyV2 whether it says a file of version 2
   */
  record RequestedLimit(String text, Optional<Subsystem> subsystem, boolean onlyV2) {}

  @Override
  public boolean equals(Object other) {
    return other instanceof Resources that
        && values.equals(that.values)
        && unified.equals(that.unified);
  }

  @Override
  public int hashCode() {
    return values.hashCode() * 31 + unified.hashCode();
  }

  /** Lists the limits, such as {@code cpuShares 512, memory 67108864}. */
  @Override
  public String toString() {
    List<String> texts = limits().stream().map(RequestedLimit::text).toList();
    return texts.isEmpty() ? "no limits" : String.join(", ", texts);
  }
}
