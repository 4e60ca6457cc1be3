package dev.belljar.cgroups.hierarchy;

import dev.belljar.cgroups.tree.TaskPolicy;
import dev.belljar.linux.Errno;
import java.util.List;

/** The errors of the cpu controller's files, and of joining its groups. */
final class CpuErrors {
  private static final String V1_QUOTA = "cpu.cfs_quota_us";
  private static final String V1_PERIOD = "cpu.cfs_period_us";
  private static final String V1_BURST = "cpu.cfs_burst_us";
  private static final String V2_MAX = "cpu.max";
  private static final String V2_BURST = "cpu.max.burst";
  private static final String RT_RUNTIME = "cpu.rt_runtime_us";
  private static final String RT_FILES = "cpu.rt_runtime_us cpu.rt_period_us";
  private static final long SHORTEST = 1000;
  private static final long LONGEST_PERIOD = 1_000_000;

  /** The root has the whole machine. */
  static final ControlFileError ROOT =
      ControlFileError.v1(
              "cpu.shares cpu.idle " + V1_QUOTA + " " + V1_PERIOD + " " + V1_BURST,
              Errno.EINVAL,
              "the root of a hierarchy cannot be limited",
              "make a group below it")
          .when(RefusedWrite::isOfV1Root);

  /** An idle group's weight is fixed. */
  static final ControlFileError WEIGHT_WHILE_IDLE =
      ControlFileError.both(
              "cpu.shares cpu.weight cpu.weight.nice",
              Errno.EINVAL,
              "the group is idle (cpu.idle is 1), which is a weight of its own",
              "write 0 to cpu.idle first, or leave the weight out")
          .when(refused -> refused.read("cpu.idle").equals("1"))
          .on("since 5.15");

  /** The weight's range. */
  static final ControlFileError WEIGHT_RANGE =
      ControlFileError.v2(
          "cpu.weight cpu.weight.nice",
          Errno.ERANGE,
          "cpu.weight is 1 to 10000, and cpu.weight.nice -20 to 19",
          "give a number of this range");

  /** The range of quota and period of version 1. */
  static final ControlFileError V1_QUOTA_RANGE =
      ControlFileError.v1(
              V1_QUOTA + " " + V1_PERIOD,
              Errno.EINVAL,
              "a quota is 1 ms or more, and a period 1 ms to 1 s",
              "give a longer quota, or -1 for none, and a period of this range")
          .when(refused -> !inRange(refused.file(), refused.value()));

  /** The range of quota and period of version 2. */
  static final ControlFileError V2_QUOTA_RANGE =
      ControlFileError.v2(
              V2_MAX,
              Errno.EINVAL,
              "a quota is max or 1 ms or more, and a period 1 ms to 1 s",
              "give a longer quota, or max for none, and a period of this range")
          .when(refused -> {
            List<String> words = List.of(refused.value().strip().split(" "));
            return words.getFirst().equals("-1")
                || !inRange(V1_QUOTA, words.getFirst())
                || (words.size() > 1 && !inRange(V1_PERIOD, words.getLast()));
          });

  /** A burst saves what a quota leaves. */
  static final ControlFileError BURST_ABOVE_QUOTA =
      ControlFileError.both(
              V1_BURST + " " + V2_BURST,
              Errno.EINVAL,
              "a burst is at most as long as the quota",
              "raise the quota first, or give a shorter burst")
          .on("since 5.14");

  /** The same rule, seen by who lowers the quota. */
  static final ControlFileError QUOTA_BELOW_BURST =
      ControlFileError.both(
              V1_QUOTA + " " + V2_MAX,
              Errno.EINVAL,
              "the burst of the group is longer than this quota",
              "lower the burst first")
          .when(CpuErrors::isBelowBurst)
          .on("since 5.14");

  /** On version 1 what is set for a group is never more than what is set above. */
  static final ControlFileError QUOTA_ABOVE_PARENT =
      ControlFileError.v1(
          V1_QUOTA + " " + V1_PERIOD,
          Errno.EINVAL,
          "quota and period together give the group more processors than the group above has, or"
              + " less than a group below it has",
          "raise the quotas from the top down, and lower them from the bottom up");

  /** Real-time tasks need time. */
  static final ControlFileError REAL_TIME_TASKS =
      ControlFileError.v1(
              RT_RUNTIME,
              Errno.EBUSY,
              "the group holds a real-time task, which would never run again",
              "move it out, or give it another scheduling policy, before taking all time away")
          .on("with CONFIG_RT_GROUP_SCHED");

  /** What is set for groups of real-time tasks is handed out, never twice. */
  static final ControlFileError RT_ABOVE_PARENT =
      ControlFileError.v1(
              RT_FILES,
              Errno.EINVAL,
              "the group and its siblings together would have more real-time runtime per period"
                  + " than the group above has, a group below more than this one, or the runtime is"
                  + " longer than the period (the root has kernel.sched_rt_runtime_us)",
              "raise runtimes from the top down, and lower them from the bottom up; a group just"
                  + " removed counts for some milliseconds")
          .on("with CONFIG_RT_GROUP_SCHED");

  /** A new group has no real-time runtime. */
  static final ControlFileError REAL_TIME_REFUSED =
      ControlFileError.v1(
              "cgroup.procs tasks",
              Errno.EINVAL,
              "the group has no real-time runtime (cpu.rt_runtime_us is 0, as in every new group),"
                  + " and the task is a real-time task",
              "give the group a cpu.rt_runtime_us first, or the task another scheduling policy")
          .when(refused ->
              refused.read(RT_RUNTIME).equals("0") && TaskPolicy.isRealTime(refused.value()))
          .on("with CONFIG_RT_GROUP_SCHED");

  static final List<ControlFileError> ROWS =
      List.of(
          ROOT,
          WEIGHT_WHILE_IDLE,
          WEIGHT_RANGE,
          V1_QUOTA_RANGE,
          V2_QUOTA_RANGE,
          BURST_ABOVE_QUOTA,
          QUOTA_BELOW_BURST,
          QUOTA_ABOVE_PARENT,
          REAL_TIME_TASKS,
          RT_ABOVE_PARENT,
          REAL_TIME_REFUSED);

  private CpuErrors() {}

  /** Whether a quota or a period is in its range. */
  private static boolean inRange(String file, String value) {
    String text = value.strip();
    if (file.equals(V1_QUOTA) && (text.equals("max") || text.equals("-1"))) {
      return true;
    }
    long micros = number(text);
    return micros >= SHORTEST && (file.equals(V1_QUOTA) || micros <= LONGEST_PERIOD);
  }

  private static boolean isBelowBurst(RefusedWrite refused) {
    String burst = refused.read(refused.file().equals(V2_MAX) ? V2_BURST : V1_BURST);
    String quota = refused.value().strip().split(" ", -1)[0];
    return number(quota) >= 0 && number(quota) < number(burst);
  }

  /** A number; -1 for what is none. */
  private static long number(String text) {
    return text.matches("\\d{1,18}") ? Long.parseLong(text) : -1;
  }
}
