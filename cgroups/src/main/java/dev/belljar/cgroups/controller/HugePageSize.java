package dev.belljar.cgroups.controller;

import dev.belljar.linux.Descriptor;
import dev.belljar.linux.Errno;
import dev.belljar.linux.LinuxException;
import dev.belljar.linux.call.DirectoryCalls;
import dev.belljar.linux.call.DirectoryCalls.Entry;
import dev.belljar.linux.syscall.Syscall;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * A size of huge pages, which is a part of the names of hugetlb's files.
 *
 * @param bytes a power of two, such as 2 MiB
 */
public record HugePageSize(long bytes) implements Comparable<HugePageSize> {
  private static final String SIZES = "/sys/kernel/mm/hugepages";
  private static final String PREFIX = "hugepages-";
  private static final String SUFFIX = "kB";
  private static final int KILO = 10;
  private static final int MEGA = 20;
  private static final int GIGA = 30;

  /**
   * Makes a size.
   *
   * @throws IllegalArgumentException when it is not a power of two of 1 KiB or more
   */
  public HugePageSize {
    if (bytes < 1 << KILO || Long.bitCount(bytes) != 1) {
      throw new IllegalArgumentException("a huge page is a power of two, not " + bytes);
    }
  }

  /**
   * Returns the sizes that this machine has, whether or not it has pages of them.
   *
   * @return the sizes, smallest first; none without CONFIG_HUGETLBFS
   * @throws LinuxException when {@code /sys} cannot be read
   */
  public static List<HugePageSize> all() {
    try (Descriptor sizes = DirectoryCalls.open(Syscall.AT_FDCWD, SIZES)) {
      return DirectoryCalls.list(sizes.number()).stream()
          .filter(Entry::isDirectory)
          .map(entry -> new String(entry.name(), StandardCharsets.US_ASCII))
          .filter(name -> name.startsWith(PREFIX) && name.endsWith(SUFFIX))
          .map(name -> name.substring(PREFIX.length(), name.length() - SUFFIX.length()))
          .map(kibibytes -> new HugePageSize(Long.parseLong(kibibytes) << KILO))
          .sorted()
          .toList();
    } catch (LinuxException e) {
      if (e.is(Errno.ENOENT)) {
        return List.of();
      }
      throw e;
    }
  }

  /**
   * Parses the form of the names of hugetlb's files.
   *
   * @param text for example {@code 64KB}, {@code 2MB} or {@code 1GB}
   * @return the size
   * @throws IllegalArgumentException when it is not of this form
   */
  public static HugePageSize parse(String text) {
    for (int shift : new int[] {KILO, MEGA, GIGA}) {
      String unit = unit(shift);
      if (text.endsWith(unit)) {
        long number = Long.parseLong(text.substring(0, text.length() - unit.length()));
        return new HugePageSize(Math.multiplyExact(number, 1L << shift));
      }
    }
    throw new IllegalArgumentException("not a size such as 2MB: " + text);
  }

  private static String unit(int shift) {
    return switch (shift) {
      case KILO -> "KB";
      case MEGA -> "MB";
      default -> "GB";
    };
  }

  /** Orders by size. */
  @Override
  public int compareTo(HugePageSize other) {
    return Long.compare(bytes, other.bytes);
  }

  /** Returns the form of the names of hugetlb's files, such as {@code 2MB}. */
  @Override
  public String toString() {
    int shift = bytes >= 1 << GIGA ? GIGA : bytes >= 1 << MEGA ? MEGA : KILO;
    return (bytes >> shift) + unit(shift);
  }
}
