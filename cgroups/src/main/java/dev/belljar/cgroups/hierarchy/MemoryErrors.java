package dev.belljar.cgroups.hierarchy;

import dev.belljar.linux.Errno;
import java.util.List;

/** The errors of the memory controller. */
final class MemoryErrors {
  private static final String LIMIT = "memory.limit_in_bytes";
  private static final String MEMSW = "memory.memsw.limit_in_bytes";
  private static final String V1_LIMITS =
      LIMIT
          + " "
          + MEMSW
          + " memory.soft_limit_in_bytes memory.kmem.limit_in_bytes"
          + " memory.kmem.tcp.limit_in_bytes";
  private static final String V2_LIMITS =
      "memory.min memory.low memory.high memory.max memory.swap.high memory.swap.max"
          + " memory.zswap.max";

  /** The root has no limit. */
  static final ControlFileError ROOT =
      ControlFileError.v1(
              V1_LIMITS + " memory.oom_control memory.force_empty",
              Errno.EINVAL,
              "the root of a hierarchy cannot be limited",
              "make a group below it")
          .when(RefusedWrite::isOfV1Root);

  /** Unlimited, in the other version's words, or no number at all. */
  static final ControlFileError V1_NUMBER =
      ControlFileError.v1(
              V1_LIMITS,
              Errno.EINVAL,
              "not a number of bytes",
              "write a number, with k, m or g behind it if you like, or -1 for unlimited (max is of"
                  + " version 2)")
          .when(refused -> !refused.value().strip().matches("-1|[0-9]+[kKmMgGtTpPeE]?"));

  /** More memory than memory and swap. */
  static final ControlFileError ABOVE_MEMSW =
      ControlFileError.v1(
          LIMIT,
          Errno.EINVAL,
          "the limit of memory cannot be above that of memory and swap"
              + " (memory.memsw.limit_in_bytes)",
          "raise memory.memsw.limit_in_bytes first");

  /** Less memory and swap than memory. */
  static final ControlFileError BELOW_LIMIT =
      ControlFileError.v1(
          MEMSW,
          Errno.EINVAL,
          "the limit of memory and swap cannot be below that of memory (memory.limit_in_bytes)",
          "lower memory.limit_in_bytes first");

  /** Less than is used. */
  static final ControlFileError IN_USE =
      ControlFileError.v1(
          V1_LIMITS,
          Errno.EBUSY,
          "more is used, and cannot be freed or swapped out",
          "end processes of the group first, or set a higher limit");

  /** Out of 0 to 200. */
  static final ControlFileError SWAPPINESS =
      ControlFileError.v1(
          "memory.swappiness", Errno.EINVAL, "swappiness is 0 to 200", "write one of these");

  /** Neither 0 nor 1. */
  static final ControlFileError OOM_CONTROL =
      ControlFileError.v1(
          "memory.oom_control",
          Errno.EINVAL,
          "it takes 0 (processes are killed) and 1 (they wait)",
          "write one of these");

  /** Limits that do not hold for the groups below. */
  static final ControlFileError NOT_HIERARCHICAL =
      ControlFileError.v1(
              "memory.use_hierarchy",
              Errno.EINVAL,
              "limits always hold for the groups below",
              "leave it at 1")
          .on("since 5.11");

  /** Charges that follow a process. */
  static final ControlFileError CHARGES_STAY =
      ControlFileError.v1(
              "memory.move_charge_at_immigrate",
              Errno.EINVAL,
              "what a process was charged stays in the group it leaves",
              "start processes in their group")
          .on("1 to 3 since 6.13, others always");

  /** Unlimited, in the other version's words, or no number at all. */
  static final ControlFileError V2_NUMBER =
      ControlFileError.v2(
          V2_LIMITS,
          Errno.EINVAL,
          "not a number of bytes",
          "write a number, with K, M or G behind it if you like, or max for unlimited (-1 is of"
              + " version 1)");

  /** Neither 0 nor 1. */
  static final ControlFileError V2_FLAG =
      ControlFileError.v2(
          "memory.oom.group memory.zswap.writeback",
          Errno.EINVAL,
          "it takes 0 and 1",
          "write one of these");

  /** Nothing more to take. */
  static final ControlFileError LESS_RECLAIMED =
      ControlFileError.v2(
              "memory.reclaim",
              Errno.EAGAIN,
              "less than that could be reclaimed",
              "ask for less, or give the machine swap")
          .on("since 5.19");

  /** What is no request to reclaim. */
  static final ControlFileError NOT_RECLAIM =
      ControlFileError.v2(
              "memory.reclaim",
              Errno.EINVAL,
              "not a number of bytes to reclaim",
              "write a number, with K, M or G behind it if you like")
          .on("since 5.19");

  static final List<ControlFileError> ROWS =
      List.of(
          ROOT,
          V1_NUMBER,
          ABOVE_MEMSW,
          BELOW_LIMIT,
          IN_USE,
          SWAPPINESS,
          OOM_CONTROL,
          NOT_HIERARCHICAL,
          CHARGES_STAY,
          V2_NUMBER,
          V2_FLAG,
          LESS_RECLAIMED,
          NOT_RECLAIM);

  private MemoryErrors() {}
}
