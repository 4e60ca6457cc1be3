package dev.belljar.cgroups.hierarchy;

import dev.belljar.linux.Errno;
import java.util.List;

/** The errors of the cpuset controller's files; joining an empty one is in {@link CoreErrors}. */
final class CpusetErrors {
  private static final String CPUS = "cpuset.cpus";
  private static final String LISTS = "cpuset.cpus cpuset.mems";
  private static final String EXCLUSIVE = "cpuset.cpu_exclusive cpuset.mem_exclusive";

  /** A processor that no machine like this one has. */
  static final ControlFileError CPU_OUT_OF_RANGE =
      ControlFileError.both(
          "cpuset.cpus cpuset.cpus.exclusive",
          Errno.ERANGE,
          "a processor's number is above the highest that this kernel counts for the machine",
          "/sys/devices/system/cpu/possible lists those there can be");

  /** A memory node that no Linux can have. */
  static final ControlFileError NODE_OUT_OF_RANGE =
      ControlFileError.both(
          "cpuset.mems",
          Errno.ERANGE,
          "a memory node's number is above the highest that this kernel was built for",
          "/sys/devices/system/node/has_memory lists those there are");

  /** A memory node that the machine does not have. */
  static final ControlFileError NO_SUCH_NODE =
      ControlFileError.both(
          "cpuset.mems",
          Errno.EINVAL,
          "the machine has no such memory node, or a sibling has it for itself"
              + " (cpuset.mem_exclusive, version 1)",
          "/sys/devices/system/node/has_memory lists those there are");

  /** The root of version 1 has all there are. */
  static final ControlFileError ROOT =
      ControlFileError.v1(
              LISTS,
              Errno.EACCES,
              "the root has all processors and memory nodes that are online, and cannot be told"
                  + " otherwise",
              "make a group below it")
          .when(RefusedWrite::isOfV1Root);

  /** On version 1 a group is a subset. */
  static final ControlFileError NOT_IN_PARENT =
      ControlFileError.v1(
          LISTS,
          Errno.EACCES,
          "the group above does not have all of them",
          "give them to the group above first: cpusets grow from the top down");

  /** And a superset of those below. */
  static final ControlFileError USED_BELOW =
      ControlFileError.v1(
          LISTS,
          Errno.EBUSY,
          "a group below has one of those to be taken away",
          "take them away there first: cpusets shrink from the bottom up");

  /** Tasks need a place; older kernels say so on version 2 too, where empty means inherited. */
  static final ControlFileError EMPTIED =
      ControlFileError.both(
              LISTS,
              Errno.ENOSPC,
              "the group holds processes, which need a processor and a memory node",
              "move them out first, or set other ones")
          .on("all of version 1; on version 2 seen on 6.1");

  /** An exclusive group and its siblings. */
  static final ControlFileError OVERLAPPING =
      ControlFileError.v1(
          EXCLUSIVE,
          Errno.EINVAL,
          "a sibling has a processor or memory node of the group too",
          "give the siblings others first");

  /** What is no list. */
  static final ControlFileError NOT_A_LIST =
      ControlFileError.both(
              "cpuset.cpus cpuset.cpus.exclusive cpuset.mems",
              Errno.EINVAL,
              "not a list of numbers and ranges",
              "write one such as 0-3,8, or an empty line for none")
          .when(refused -> !isList(refused.value()));

  /** The same rule, seen by a sibling. */
  static final ControlFileError TAKEN =
      ControlFileError.v1(
          CPUS,
          Errno.EINVAL,
          "a sibling has one of the processors for itself (cpuset.cpu_exclusive), or one is"
              + " offline",
          "choose others, or end the sibling's exclusive use first;"
              + " /sys/devices/system/cpu/online lists those that are online");

  /** On version 2, where a conflict ended the write until it came to end the partitions instead. */
  static final ControlFileError TAKEN_BY_PARTITION =
      ControlFileError.v2(
              CPUS,
              Errno.EINVAL,
              "a sibling that is a partition has one of the processors (before Linux 6.1; since"
                  + " then its partition becomes invalid), or the machine can never have one",
              "choose others, or make the sibling a member first;"
                  + " /sys/devices/system/cpu/possible lists those there can be")
          .on("before 6.1; of impossible processors all");

  /** The same rule on version 2, since it has exclusive sets. */
  static final ControlFileError EXCLUSIVE_TAKEN =
      ControlFileError.v2(
              "cpuset.cpus.exclusive",
              Errno.EINVAL,
              "a sibling has one of the processors in its cpuset.cpus.exclusive, or has no others"
                  + " in its cpuset.cpus",
              "exclusive sets of siblings must not overlap: choose others")
          .on("since 6.7");

  /** Exclusive use is handed down. */
  static final ControlFileError PARENT_NOT_EXCLUSIVE =
      ControlFileError.v1(
          EXCLUSIVE,
          Errno.EACCES,
          "the group above is not exclusive itself",
          "make the groups above exclusive first; the root is");

  /** And ends from the bottom up. */
  static final ControlFileError CHILD_EXCLUSIVE =
      ControlFileError.v1(
          EXCLUSIVE, Errno.EBUSY, "a group below is exclusive", "end its exclusive use first");

  /** Levels of the machine. */
  static final ControlFileError RELAX_LEVEL =
      ControlFileError.v1(
          "cpuset.sched_relax_domain_level",
          Errno.EINVAL,
          "the machine has no scheduling domain of this level",
          "give -1 for the default, or a lower level");

  /** Names of partitions. */
  static final ControlFileError PARTITION_TYPE =
      ControlFileError.v2(
          "cpuset.cpus.partition",
          Errno.EINVAL,
          "the kernel knows no such type of partition",
          "write member, root or, since Linux 6.1, isolated");

  static final List<ControlFileError> ROWS =
      List.of(
          CPU_OUT_OF_RANGE,
          NODE_OUT_OF_RANGE,
          NOT_A_LIST,
          NO_SUCH_NODE,
          ROOT,
          NOT_IN_PARENT,
          USED_BELOW,
          EMPTIED,
          OVERLAPPING,
          TAKEN,
          TAKEN_BY_PARTITION,
          EXCLUSIVE_TAKEN,
          PARENT_NOT_EXCLUSIVE,
          CHILD_EXCLUSIVE,
          RELAX_LEVEL,
          PARTITION_TYPE);

  private CpusetErrors() {}

  private static boolean isList(String value) {
    return value.strip().matches("(\\d+(-\\d+(:\\d+/\\d+)?)?(,|$))*");
  }
}
