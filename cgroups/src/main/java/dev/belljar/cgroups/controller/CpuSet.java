package dev.belljar.cgroups.controller;

import java.util.Arrays;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * A set of processors, which the kernel prints as a list such as {@code 0-3,7}.
 *
 * @param cpus their numbers, 0 to 8191
 * @see <a href="https://man7.org/linux/man-pages/man7/cpuset.7.html">cpuset(7)</a>
 */
public record CpuSet(SortedSet<Integer> cpus) {
  private static final int MAX = 8191;
  private static final String WHAT = "processor";

  /** No processor. */
  public static final CpuSet NONE = of();

  /**
   * Makes a set.
   *
   * @throws IllegalArgumentException when a number is out of range
   */
  public CpuSet {
    cpus = IdList.checked(cpus, MAX, WHAT);
  }

  /**
   * Returns the set of some processors.
   *
   * @param cpus their numbers, 0 to 8191
   * @return the set
   * @throws IllegalArgumentException when a number is out of range
   */
  public static CpuSet of(int... cpus) {
    return new CpuSet(Arrays.stream(cpus).boxed().collect(Collectors.toCollection(TreeSet::new)));
  }

  /**
   * Returns the set of all processors in a range.
   *
   * @param first the first
   * @param last the last, included
   * @return the set
   * @throws IllegalArgumentException when the range is empty or out of range
   */
  public static CpuSet range(int first, int last) {
    return new CpuSet(IdList.range(first, last, MAX, WHAT));
  }

  /**
   * Parses what the kernel prints.
   *
   * @param text numbers and ranges with commas between them; blank for none
   * @return the set
   * @throws IllegalArgumentException when it is no such list
   */
  public static CpuSet parse(String text) {
    return new CpuSet(IdList.parse(text, MAX, WHAT));
  }

  /**
   * Tells whether there is none in it.
   *
   * @return true when it is empty
   */
  public boolean isEmpty() {
    return cpus.isEmpty();
  }

  /** Returns the list as the kernel prints it, empty for none. */
  @Override
  public String toString() {
    return IdList.print(cpus);
  }
}
