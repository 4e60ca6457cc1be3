package dev.belljar.cgroups.controller;

import java.util.Arrays;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * A set of memory nodes, which the kernel prints as a list such as {@code 0-3,7}.
 *
 * @param nodes their numbers, 0 to 1023
 * @see <a href="https://man7.org/linux/man-pages/man7/cpuset.7.html">cpuset(7)</a>
 */
public record NodeSet(SortedSet<Integer> nodes) {
  private static final int MAX = 1023;
  private static final String WHAT = "memory node";

  /** No memory node. */
  public static final NodeSet NONE = of();

  /**
   * Makes a set.
   *
   * @throws IllegalArgumentException when a number is out of range
   */
  public NodeSet {
    nodes = IdList.checked(nodes, MAX, WHAT);
  }

  /**
   * Returns the set of some memory nodes.
   *
   * @param nodes their numbers, 0 to 1023
   * @return the set
   * @throws IllegalArgumentException when a number is out of range
   */
  public static NodeSet of(int... nodes) {
    return new NodeSet(Arrays.stream(nodes).boxed().collect(Collectors.toCollection(TreeSet::new)));
  }

  /**
   * Returns the set of all memory nodes in a range.
   *
   * @param first the first
   * @param last the last, included
   * @return the set
   * @throws IllegalArgumentException when the range is empty or out of range
   */
  public static NodeSet range(int first, int last) {
    return new NodeSet(IdList.range(first, last, MAX, WHAT));
  }

  /**
   * Parses what the kernel prints.
   *
   * @param text numbers and ranges with commas between them; blank for none
   * @return the set
   * @throws IllegalArgumentException when it is no such list
   */
  public static NodeSet parse(String text) {
    return new NodeSet(IdList.parse(text, MAX, WHAT));
  }

  /**
   * Tells whether there is none in it.
   *
   * @return true when it is empty
   */
  public boolean isEmpty() {
    return nodes.isEmpty();
  }

  /** Returns the list as the kernel prints it, empty for none. */
  @Override
  public String toString() {
    return IdList.print(nodes);
  }
}
