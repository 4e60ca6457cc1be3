package dev.belljar.cgroups.hierarchy;

import dev.belljar.linux.Errno;
import java.util.List;

/** The errors of the controllers with few files: pids, cpuacct and net_prio. */
final class CountingErrors {
  /** Unlimited has one name here, in both versions. */
  static final ControlFileError PIDS_RANGE =
      ControlFileError.both(
          "pids.max",
          Errno.EINVAL,
          "pids.max is 0 to 4194304 (the most processes there can be) or max; -1 is refused on"
              + " version 1 too",
          "write max for no bound");

  /** Priorities are of interfaces of one network namespace. */
  static final ControlFileError NO_SUCH_INTERFACE =
      ControlFileError.v1(
          "net_prio.ifpriomap",
          Errno.ENODEV,
          "the network namespace of the writer has no such interface",
          "write it from the namespace that the interface is in");

  /** Counters of processor time can only be set back. */
  static final ControlFileError USAGE_RESET =
      ControlFileError.v1(
          "cpuacct.usage",
          Errno.EINVAL,
          "only 0 can be written, which sets the counters back",
          "write 0");

  static final List<ControlFileError> ROWS = List.of(PIDS_RANGE, NO_SUCH_INTERFACE, USAGE_RESET);

  private CountingErrors() {}
}
