package dev.belljar.cgroups.hierarchy;

import dev.belljar.linux.Errno;
import java.util.List;

/** The errors of the blkio and io controllers. */
final class IoErrors {
  private static final String OF_A_DISK =
      "blkio.throttle.* blkio.bfq.weight_device io.max io.latency io.weight io.bfq.weight"
          + " io.cost.qos io.cost.model";

  /** No disk of that number. */
  static final ControlFileError NO_DISK =
      ControlFileError.both(
          OF_A_DISK,
          Errno.ENODEV,
          "there is no such disk, or it is a partition",
          "write the numbers of a whole disk, as lsblk shows them");

  /** A throttle of nothing. */
  static final ControlFileError ZERO =
      ControlFileError.v2(
          "io.max",
          Errno.ERANGE,
          "a limit is 1 or more",
          "write max for unlimited; to forbid a disk altogether takes a device rule");

  /** What is no throttle. */
  static final ControlFileError NOT_A_LIMIT =
      ControlFileError.v2(
          "io.max",
          Errno.EINVAL,
          "not limits of a disk",
          "write major:minor and some of rbps, wbps, riops, wiops: 8:0 rbps=1048576 wiops=max");

  /** What is no throttle. */
  static final ControlFileError NOT_A_THROTTLE =
      ControlFileError.v1(
          "blkio.throttle.*",
          Errno.EINVAL,
          "not the limit of a disk",
          "write major:minor and a number: 8:0 1048576");

  /** A weight of BFQ for a disk it does not schedule. */
  static final ControlFileError NOT_BFQ =
      ControlFileError.both(
          "blkio.bfq.weight_device io.bfq.weight",
          Errno.EOPNOTSUPP,
          "BFQ does not schedule this disk",
          "write bfq to its queue/scheduler first");

  /** A weight for a disk without a cost model. */
  static final ControlFileError NO_COST_MODEL =
      ControlFileError.v2(
          "io.weight",
          Errno.EOPNOTSUPP,
          "the cost model is not in use on this disk",
          "write major:minor enable=1 to io.cost.qos in the root first");

  /** A weight of BFQ out of range. */
  static final ControlFileError BFQ_RANGE =
      ControlFileError.both(
          "blkio.bfq.weight blkio.bfq.weight_device io.bfq.weight",
          Errno.ERANGE,
          "a weight of BFQ is 1 to 1000",
          "write one of these, or default for a disk");

  /** A weight out of range. */
  static final ControlFileError WEIGHT_RANGE =
      ControlFileError.v2(
          "io.weight",
          Errno.EINVAL,
          "a weight is 1 to 10000",
          "write one of these, or default for a disk");

  /** What is no cost model. */
  static final ControlFileError NOT_A_MODEL =
      ControlFileError.v2(
          "io.cost.qos io.cost.model",
          Errno.EINVAL,
          "an unknown key, or a number out of range",
          "see io.cost.qos and io.cost.model in the kernel's cgroup-v2 document");

  static final List<ControlFileError> ROWS =
      List.of(
          NO_DISK,
          ZERO,
          NOT_A_LIMIT,
          NOT_A_THROTTLE,
          NOT_BFQ,
          NO_COST_MODEL,
          BFQ_RANGE,
          WEIGHT_RANGE,
          NOT_A_MODEL);

  private IoErrors() {}
}
