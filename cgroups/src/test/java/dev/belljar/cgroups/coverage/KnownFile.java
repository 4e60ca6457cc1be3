package dev.belljar.cgroups.coverage;

import dev.belljar.cgroups.hierarchy.CgroupVersion;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * A control file that the table of coverage has a line for.
 *
 * @param name its name; {@code hugetlb.<size>.max} stands for one of each page size
 * @param versions the versions that have it
 * @param isStatistic whether it only tells
 * @param needs what a kernel needs to have it: an option such as {@code CONFIG_PSI}, a release from
 *     which ({@code >=6.6}) or before which ({@code <5.0}) it exists
 */
record KnownFile(
    String name, Set<CgroupVersion> versions, boolean isStatistic, List<String> needs) {
  private static final String SOURCE = "control-files.txt";
  private static final Pattern PAGE_SIZE = Pattern.compile("^hugetlb\\.[^.]+\\.");

  /** Reads all of them, in the table's order. */
  static List<KnownFile> all() {
    var source = Objects.requireNonNull(KnownFile.class.getResourceAsStream(SOURCE), SOURCE);
    try (BufferedReader lines =
        new BufferedReader(new InputStreamReader(source, StandardCharsets.UTF_8))) {
      return lines.lines().filter(line -> !line.startsWith("#")).map(KnownFile::parse).toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static KnownFile parse(String line) {
    List<String> words = Arrays.asList(line.split(" "));
    Set<CgroupVersion> versions =
        switch (words.get(1)) {
          case "v1" -> EnumSet.of(CgroupVersion.V1);
          case "v2" -> EnumSet.of(CgroupVersion.V2);
          default -> EnumSet.allOf(CgroupVersion.class);
        };
    return new KnownFile(
        words.get(0), versions, words.get(2).equals("statistic"), words.subList(3, words.size()));
  }

  /** The name that stands for a file of a machine in the table. */
  static String tableName(String file) {
    return PAGE_SIZE.matcher(file).replaceFirst("hugetlb.<size>.");
  }

  /** The first word of its name, such as {@code memory}; {@code cgroup} for what has none. */
  String prefix() {
    int dot = name.indexOf('.');
    return dot < 0 ? "cgroup" : name.substring(0, dot);
  }
}
