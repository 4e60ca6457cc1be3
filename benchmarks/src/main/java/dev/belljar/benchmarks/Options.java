package dev.belljar.benchmarks;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * What is to be measured.
 *
 * @param rounds counted rounds of each table
 * @param warmUp rounds before them
 * @param tables which tables
 * @param ours whether only C, Belljar and ProcessBuilder take part
 * @param libc whether the command that is started is linked with libc
 * @param hugetlb whether hugetlb may be mounted as version 1 while crun runs
 */
record Options(
    int rounds, int warmUp, Set<String> tables, boolean ours, boolean libc, boolean hugetlb) {
  private static final int ROUNDS = 500;
  private static final int WARM_UP = 6_000;
  private static final List<String> ALL =
      List.of(
          "a", "a0", "b", "c", "d", "d0", "p", "calls", "threads", "heap", "mounts", "cold",
          "groups", "sampler");

  static final String USAGE =
      """
      benchmarks/run [OPTION]... [TABLE]...
        TABLE          a, a0, b, c, d, d0, p, calls, threads, heap, mounts, cold, groups, sampler; all when none is given
        --rounds N     counted rounds of each table, %d if not given
        --warm-up N    rounds before them, %d if not given
        --ours         only C, Belljar and ProcessBuilder
        --libc-true    what is started is linked with libc, whose start-up everybody pays then
        --hugetlb-v1   on a hybrid host, mount hugetlb as v1 while crun runs, which needs that\
      """
          .formatted(ROUNDS, WARM_UP);

  /**
   * Reads the command line.
   *
   * @throws IllegalArgumentException with the usage when it is not understood
   */
  static Options parse(String... arguments) {
    int rounds = ROUNDS;
    int warmUp = WARM_UP;
    boolean ours = false;
    boolean libc = false;
    boolean hugetlb = false;
    List<String> tables = new ArrayList<>();
    for (int i = 0; i < arguments.length; i++) {
      switch (arguments[i]) {
        case "--rounds" -> rounds = number(arguments, ++i);
        case "--warm-up" -> warmUp = number(arguments, ++i);
        case "--ours" -> ours = true;
        case "--libc-true" -> libc = true;
        case "--hugetlb-v1" -> hugetlb = true;
        default -> tables.add(table(arguments[i]));
      }
    }
    if (tables.isEmpty()) {
      tables.addAll(ALL);
    }
    return new Options(rounds, warmUp, Set.copyOf(tables), ours, libc, hugetlb);
  }

  private static String table(String name) {
    if (!ALL.contains(name)) {
      throw new IllegalArgumentException(USAGE);
    }
    return name;
  }

  private static int number(String[] arguments, int index) {
    try {
      return Integer.parseInt(arguments[index]);
    } catch (NumberFormatException | ArrayIndexOutOfBoundsException e) {
      throw new IllegalArgumentException(USAGE, e);
    }
  }

  boolean has(String table) {
    return tables.contains(table);
  }
}
