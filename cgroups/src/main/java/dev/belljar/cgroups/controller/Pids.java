package dev.belljar.cgroups.controller;

import dev.belljar.cgroups.hierarchy.CgroupDirectory;
import dev.belljar.cgroups.hierarchy.Written;
import dev.belljar.linux.LinuxException;
import java.util.OptionalLong;

/**
 * The pids controller of a group: how many processes and threads it may have. Its files are the
 * same in both versions.
 *
 * @see <a href="https://docs.kernel.org/admin-guide/cgroup-v2.html#pid">cgroup-v2, PID</a>
 * @see <a href="https://docs.kernel.org/admin-guide/cgroup-v1/pids.html">cgroup-v1/pids</a>
 */
public final class Pids {
  private static final String MAX = "pids.max";
  private static final String CURRENT = "pids.current";
  private static final String PEAK = "pids.peak";
  private static final String EVENTS = "pids.events";
  private static final String EVENTS_LOCAL = "pids.events.local";

  private final ControlFiles files;

  /**
   * Makes a view of a group's files.
   *
   * @param group the group, in the hierarchy of the pids controller; never the root
   */
  public Pids(CgroupDirectory group) {
    this.files = new ControlFiles(group);
  }

  /**
   * Returns how many processes and threads the group and those below it may have.
   *
   * @return the bound
   * @throws LinuxException when the kernel refuses
   */
  public Limit max() {
    return files.limit(MAX);
  }

  /**
   * Sets how many processes and threads the group and those below it may have; fork(2) fails with
   * EAGAIN beyond it. Processes that are moved in are not stopped by it.
   *
   * @param max 0 to 4194304 (the kernel's largest pid), or unlimited
   * @return what the kernel made of it
   * @throws LinuxException EINVAL when it is larger
   */
  public Written<Limit> setMax(Limit max) {
    return files.writeLimit(MAX, max);
  }

  /**
   * Returns how many processes and threads there are, in the groups below it too.
   *
   * @return the number
   * @throws LinuxException when the kernel refuses
   */
  public long current() {
    return files.number(CURRENT);
  }

  /**
   * Returns the most there have been.
   *
   * @return the number; empty before Linux 6.1
   * @throws LinuxException when the kernel refuses
   */
  public OptionalLong peak() {
    return files.numberIfThere(PEAK);
  }

  /**
   * Returns how often a limit made a fork fail. Which one depends on the kernel: on version 2 since
   * Linux 6.11 the limit of the group or of one below it, whichever group below forked; on version
   * 1, before 6.11 and with the mount option {@code pids_localevents} the limit of the group or of
   * one above it, but for forks of the group itself alone.
   *
   * @return the number
   * @throws LinuxException when the kernel refuses
   */
  public long breaches() {
    return files.flatKeyed(EVENTS).getOrDefault("max", 0L);
  }

  /**
   * Returns how often the limit of the group itself made a fork fail, of its own processes or of
   * those in a group below it.
   *
   * @return the number; empty before Linux 6.11 and on version 1
   * @throws LinuxException when the kernel refuses
   */
  public OptionalLong breachesHere() {
    return files.has(EVENTS_LOCAL)
        ? OptionalLong.of(files.flatKeyed(EVENTS_LOCAL).getOrDefault("max", 0L))
        : OptionalLong.empty();
  }
}
