package dev.belljar.cgroups.hierarchy;

import dev.belljar.cgroups.tree.FlatKeyed;
import dev.belljar.cgroups.tree.Words;
import dev.belljar.linux.LinuxException;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The files named {@code cgroup.*} that groups of version 2 have, less those that list its members,
 * freeze and kill.
 *
 * @see <a href="https://docs.kernel.org/admin-guide/cgroup-v2.html#core-interface-files">cgroup-v2,
 *     Core Interface Files</a>
 */
public final class CoreFilesV2 {
  private static final String CONTROLLERS = "cgroup.controllers";
  private static final String SUBTREE = "cgroup.subtree_control";
  private static final String TYPE = "cgroup.type";
  private static final String DEPTH = "cgroup.max.depth";
  private static final String DESCENDANTS = "cgroup.max.descendants";
  private static final String STAT = "cgroup.stat";
  private static final String STAT_LOCAL = "cgroup.stat.local";
  private static final String EVENTS = "cgroup.events";
  private static final String PRESSURE = "cgroup.pressure";
  private static final String NO_LIMIT = "max";

  private final CgroupDirectory group;

  /**
   * Makes a view of a group's files.
   *
   * @param group a group of version 2
   * @throws IllegalArgumentException when it is of version 1
   */
  public CoreFilesV2(CgroupDirectory group) {
    if (group.version() != CgroupVersion.V2) {
      throw new IllegalArgumentException(group + " is a group of version 1");
    }
    this.group = group;
  }

  /**
   * Returns the controllers that the group may use, and may share out to its children.
   *
   * @return those this library knows
   * @throws LinuxException when the kernel refuses
   */
  public Set<Subsystem> controllers() {
    return subsystems(CONTROLLERS);
  }

  /**
   * Returns the controllers that are shared out to the children of the group.
   *
   * @return those this library knows
   * @throws LinuxException when the kernel refuses
   */
  public Set<Subsystem> enabled() {
    return subsystems(SUBTREE);
  }

  private Set<Subsystem> subsystems(String file) {
    return Subsystem.allNamed(CgroupVersion.V2, Words.of(group.read(file)));
  }

  /**
   * Shares controllers out to the children of the group, all or none: each child gets their files.
   *
   * @param controllers some of {@link #controllers}
   * @throws IllegalArgumentException when one has no files on version 2
   * @throws LinuxException when the kernel refuses: EBUSY when the group holds processes itself (no
   *     internal processes), ENOENT when the group does not have the controller, EOPNOTSUPP when it
   *     is threaded and the controller cannot tell threads apart
   */
  public void enable(Subsystem... controllers) {
    change("+", controllers);
  }

  /**
   * Takes controllers away from the children of the group, all or none.
   *
   * @param controllers the controllers
   * @throws IllegalArgumentException when one has no files on version 2
   * @throws LinuxException when the kernel refuses: EBUSY when a child shares it out in turn
   */
  public void disable(Subsystem... controllers) {
    change("-", controllers);
  }

  private void change(String sign, Subsystem... controllers) {
    String words =
        Arrays.stream(controllers)
            .map(controller ->
                controller
                    .v2Name()
                    .orElseThrow(() ->
                        new IllegalArgumentException(
                            controller.v1Name() + " is not a controller of version 2")))
            .map(name -> sign + name)
            .collect(Collectors.joining(" "));
    if (!words.isEmpty()) {
      group.write(SUBTREE, words);
    }
  }

  /**
   * Returns what the group may hold.
   *
   * @return the type
   * @throws LinuxException ENOENT for the root, which has none
   */
  public GroupType type() {
    return GroupType.parse(group.read(TYPE));
  }

  /**
   * Makes the group threaded, so that single threads may be in it; the group above becomes the root
   * of their domain. It cannot be undone.
   *
   * @throws LinuxException when the kernel refuses: EOPNOTSUPP when it holds processes or shares
   *     out controllers that cannot tell threads apart, or the group above cannot be the root
   */
  public void makeThreaded() {
    group.write(TYPE, GroupType.THREADED.text());
  }

  /**
   * Returns how many levels of groups there may be below the group.
   *
   * @return the number; empty when it is not limited
   * @throws LinuxException when the kernel refuses
   */
  public OptionalInt maxDepth() {
    return limit(DEPTH);
  }

  /**
   * Sets how many levels of groups there may be below the group; making one deeper fails with
   * EAGAIN.
   *
   * @param levels 0 and more; empty for no limit, which is the default
   * @throws IllegalArgumentException when it is negative
   * @throws LinuxException when the kernel refuses
   */
  public void setMaxDepth(OptionalInt levels) {
    setLimit(DEPTH, levels);
  }

  /**
   * Returns how many groups there may be below the group.
   *
   * @return the number; empty when it is not limited
   * @throws LinuxException when the kernel refuses
   */
  public OptionalInt maxDescendants() {
    return limit(DESCENDANTS);
  }

  /**
   * Sets how many groups there may be below the group; making one more fails with EAGAIN.
   *
   * @param groups 0 and more; empty for no limit, which is the default
   * @throws IllegalArgumentException when it is negative
   * @throws LinuxException when the kernel refuses
   */
  public void setMaxDescendants(OptionalInt groups) {
    setLimit(DESCENDANTS, groups);
  }

  private OptionalInt limit(String file) {
    String text = group.read(file);
    return text.equals(NO_LIMIT) ? OptionalInt.empty() : OptionalInt.of(Integer.parseInt(text));
  }

  private void setLimit(String file, OptionalInt limit) {
    if (limit.isPresent() && limit.getAsInt() < 0) {
      throw new IllegalArgumentException("a negative " + file + ": " + limit.getAsInt());
    }
    group.write(file, limit.isPresent() ? Integer.toString(limit.getAsInt()) : NO_LIMIT);
  }

  /**
   * Counts the groups below the group.
   *
   * @return the counts
   * @throws LinuxException when the kernel refuses
   */
  public DescendantCounts descendants() {
    return DescendantCounts.parse(group.read(STAT));
  }

  /**
   * Returns for how long the group has been frozen, all times together.
   *
   * @return the time, to the microsecond; empty before Linux 6.18, and for the root
   * @throws LinuxException when the kernel refuses
   */
  public Optional<Duration> frozenTime() {
    if (!group.has(STAT_LOCAL)) {
      return Optional.empty();
    }
    OptionalLong micros = FlatKeyed.value(group.read(STAT_LOCAL), "frozen_usec");
    return micros.isPresent()
        ? Optional.of(Duration.ofNanos(micros.getAsLong() * 1000))
        : Optional.empty();
  }

  /**
   * Tells whether there is a process in the group or below it; zombies do not count.
   *
   * @return true when there is
   * @throws LinuxException ENOENT for the root, which has no {@code cgroup.events}
   */
  public boolean isPopulated() {
    return FlatKeyed.value(group.read(EVENTS), "populated").orElse(0) == 1;
  }

  /**
   * Tells whether the kernel measures how long processes of the group itself wait for resources
   * (the files named {@code *.pressure}).
   *
   * @return what is set; empty before Linux 6.1, or without CONFIG_PSI
   * @throws LinuxException when the kernel refuses
   */
  public Optional<Boolean> isPressureMeasured() {
    return group.has(PRESSURE) ? Optional.of(group.read(PRESSURE).equals("1")) : Optional.empty();
  }

  /**
   * Sets whether the kernel measures how long processes of the group itself wait for resources,
   * which costs some time at each switch between them; the files named {@code *.pressure} are
   * hidden without. It is on by default, and has no effect on the groups below.
   *
   * @param measured whether it does
   * @throws LinuxException ENOENT before Linux 6.1, or without CONFIG_PSI
   */
  public void setPressureMeasured(boolean measured) {
    group.write(PRESSURE, measured ? "1" : "0");
  }
}
