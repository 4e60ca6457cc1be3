package dev.belljar.cgroups.controller;

import dev.belljar.cgroups.hierarchy.CgroupDirectory;
import dev.belljar.cgroups.hierarchy.Written;
import dev.belljar.cgroups.tree.FlatKeyed;
import dev.belljar.linux.LinuxException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The misc controller of a group (Linux 5.13): resources that are only counted, such as the
 * encryption ids of AMD's SEV. Its files are the same in both versions, and empty where the machine
 * has none of them.
 *
 * @see <a href="https://docs.kernel.org/admin-guide/cgroup-v2.html#misc">cgroup-v2, Misc</a>
 */
public final class Misc {
  private static final String CAPACITY = "misc.capacity";
  private static final String MAX = "misc.max";
  private static final String CURRENT = "misc.current";
  private static final String PEAK = "misc.peak";
  private static final String EVENTS = "misc.events";
  private static final String EVENTS_LOCAL = "misc.events.local";
  private static final String BREACHES = ".max";

  private final ControlFiles files;

  /**
   * Makes a view of a group's files.
   *
   * @param group the group, in the hierarchy of the misc controller
   */
  public Misc(CgroupDirectory group) {
    this.files = new ControlFiles(group);
  }

  /**
   * Returns how much the machine has.
   *
   * @return numbers by resource; without a value on groups other than the root
   * @throws LinuxException when the kernel refuses
   */
  public Optional<Map<String, Long>> capacity() {
    return files.ifThere(CAPACITY, FlatKeyed::parse);
  }

  /**
   * Returns how much the group and those below it may use.
   *
   * @return bounds by resource
   * @throws LinuxException when the kernel refuses; the root has none
   */
  public Map<String, Limit> max() {
    return files.limits(MAX);
  }

  /**
   * Sets how much of a resource the group and those below it may use.
   *
   * @param resource its name, such as {@code sev}
   * @param max the bound, which may be above what the machine has
   * @return what the kernel made of it
   * @throws LinuxException EINVAL when the machine has no such resource
   */
  public Written<Limit> setMax(String resource, Limit max) {
    return files.writeLimit(MAX, resource, max);
  }

  /**
   * Returns how much the group and those below it use.
   *
   * @return numbers by resource
   * @throws LinuxException when the kernel refuses
   */
  public Map<String, Long> current() {
    return files.flatKeyed(CURRENT);
  }

  /**
   * Returns the most they have used.
   *
   * @return numbers by resource; without a value before Linux 6.11
   * @throws LinuxException when the kernel refuses
   */
  public Optional<Map<String, Long>> peak() {
    return files.ifThere(PEAK, FlatKeyed::parse);
  }

  /**
   * Returns how often a bound of the group or of one below it was hit.
   *
   * @return numbers by resource; without a value before Linux 5.16
   * @throws LinuxException when the kernel refuses
   */
  public Optional<Map<String, Long>> breaches() {
    return files.ifThere(EVENTS, Misc::parseBreaches);
  }

  /**
   * Returns how often a bound of the group itself was hit.
   *
   * @return numbers by resource; without a value before Linux 6.11
   * @throws LinuxException when the kernel refuses
   */
  public Optional<Map<String, Long>> breachesHere() {
    return files.ifThere(EVENTS_LOCAL, Misc::parseBreaches);
  }

  /** Lines {@code resource.max number}. */
  static Map<String, Long> parseBreaches(String text) {
    Map<String, Long> breaches = new LinkedHashMap<>();
    FlatKeyed.parse(text)
        .forEach((key, count) -> {
          if (key.endsWith(BREACHES)) {
            breaches.put(key.substring(0, key.length() - BREACHES.length()), count);
          }
        });
    return breaches;
  }
}
