package dev.belljar.cgroups.hierarchy;

import dev.belljar.linux.Errno;
import java.util.List;

/** The errors of the hugetlb controller. */
final class HugetlbErrors {
  /** Unlimited, in the other version's words, or no number at all. */
  static final ControlFileError V1_NUMBER =
      ControlFileError.v1(
          "hugetlb.*limit_in_bytes",
          Errno.EINVAL,
          "not a number of bytes, or the group is the root",
          "write a number, with k, m or g behind it if you like, or -1 for unlimited (max is of"
              + " version 2)");

  /** Unlimited, in the other version's words, or no number at all. */
  static final ControlFileError V2_NUMBER =
      ControlFileError.v2(
          "hugetlb.*max",
          Errno.EINVAL,
          "not a number of bytes",
          "write a number, with K, M or G behind it if you like, or max for unlimited (-1 is of"
              + " version 1)");

  static final List<ControlFileError> ROWS = List.of(V1_NUMBER, V2_NUMBER);

  private HugetlbErrors() {}
}
