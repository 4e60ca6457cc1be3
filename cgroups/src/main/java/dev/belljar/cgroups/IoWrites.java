package dev.belljar.cgroups;

import dev.belljar.cgroups.ControlWrite.FileValue;
import dev.belljar.cgroups.controller.BlkioV1Bfq;
import dev.belljar.cgroups.controller.IoV2;
import dev.belljar.cgroups.controller.IoV2Bfq;
import dev.belljar.cgroups.controller.IoWeight;
import dev.belljar.cgroups.controller.Limit;
import dev.belljar.cgroups.hierarchy.CgroupLayout;
import dev.belljar.cgroups.hierarchy.CgroupVersion;
import dev.belljar.cgroups.hierarchy.Subsystem;
import dev.belljar.linux.DeviceNumber;
import dev.belljar.linux.Finding;
import java.util.Optional;

/**
 * The limits of the blkio and io controllers as writes.
 *
 * @see <a href="https://docs.kernel.org/admin-guide/cgroup-v2.html#io">cgroup-v2, IO</a>
 * @see <a href="https://docs.kernel.org/admin-guide/cgroup-v1/blkio-controller.html">
 *     cgroup-v1/blkio-controller</a>
 */
final class IoWrites {
  private static final String BFQ = "the BFQ scheduler (CONFIG_BFQ_GROUP_IOSCHED, module bfq)";
  private static final String IOCOST_OR_BFQ = BFQ + " or CONFIG_BLK_CGROUP_IOCOST";
  private static final String THROTTLE = "CONFIG_BLK_DEV_THROTTLING";

  private IoWrites() {}

  static void add(Translation to, Resources resources, CgroupVersion version) {
    boolean v1 = version == CgroupVersion.V1;
    resources.get(ResourceKeys.IO_WEIGHT).ifPresent(weight -> addWeight(to, weight, v1));
    resources
        .get(ResourceKeys.IO_DEVICE_WEIGHT)
        .ifPresent(weights -> addDeviceWeights(to, weights, v1));
    throttle(to, resources, ResourceKeys.IO_READ_BPS, v1, "read_bps", "rbps");
    throttle(to, resources, ResourceKeys.IO_WRITE_BPS, v1, "write_bps", "wbps");
    throttle(to, resources, ResourceKeys.IO_READ_IOPS, v1, "read_iops", "riops");
    throttle(to, resources, ResourceKeys.IO_WRITE_IOPS, v1, "write_iops", "wiops");
  }

  // blkio.weight went with the CFQ scheduler in Linux 5.0, but some kernels still have it.
  private static void addWeight(Translation to, long weight, boolean v1) {
    String limit = "ioWeight " + weight;
    Optional<Finding> ignored = v1 ? BlkioV1Bfq.withoutEffect() : ignoredByV2();
    if (ignored.isPresent()) {
      to.cannot(limit, Optional.of(Subsystem.BLKIO), ignored.get().text());
      return;
    }
    FileValue cost =
        new FileValue("io.weight", "default " + IoWeight.ofBlkio(weight), Contents.DEFAULT_LINES);
    if (v1) {
      to.write(
          ControlWrite.exact(limit, Subsystem.BLKIO, "blkio.bfq.weight", weight)
              .orElse(new FileValue("blkio.weight", Long.toString(weight)))
              .needing(BFQ));
    } else if (IoV2Bfq.withoutEffect().isPresent()) {
      to.write(
          ControlWrite.exact(limit, Subsystem.BLKIO, cost.file(), cost.value())
              .needing(IOCOST_OR_BFQ)
              .showing(cost.contents()));
    } else {
      to.write(
          ControlWrite.exact(limit, Subsystem.BLKIO, "io.bfq.weight", "default " + weight)
              .showing(Contents.DEFAULT_LINES)
              .orElse(cost)
              .needing(IOCOST_OR_BFQ));
    }
  }

  /** Why no disk of the machine heeds weights of version 2. */
  private static Optional<Finding> ignoredByV2() {
    boolean cost = CgroupLayout.current().v2().map(IoV2::isWeightHeeded).orElse(false);
    return cost
        ? Optional.empty()
        : IoV2Bfq.withoutEffect()
            .map(_ ->
                Finding.noEffect(
                    "no disk of this machine heeds weights: none is scheduled by BFQ"
                        + " (/sys/block/<disk>/queue/scheduler), and io.cost.qos of the root"
                        + " enables the cost model of none"));
  }

  private static void addDeviceWeights(Translation to, PerDevice weights, boolean v1) {
    weights
        .values()
        .forEach((device, weight) -> addDeviceWeight(to, device, weight.value().orElseThrow(), v1));
  }

  private static void addDeviceWeight(Translation to, DeviceNumber disk, long weight, boolean v1) {
    String limit = "ioWeight of " + disk + " " + weight;
    Optional<Finding> ignored = v1 ? BlkioV1Bfq.withoutEffect(disk) : IoV2Bfq.withoutEffect(disk);
    Optional<Finding> byAll = v1 || ignored.isEmpty() ? ignored : ignoredByCostModel(disk);
    if (byAll.isPresent()) {
      to.cannot(limit, Optional.of(Subsystem.BLKIO), byAll.get().text());
    } else if (v1) {
      to.write(
          ControlWrite.exact(limit, Subsystem.BLKIO, "blkio.bfq.weight_device", disk + " " + weight)
              .needing(BFQ)
              .showing(Contents.DEFAULT_LINES));
    } else if (ignored.isPresent()) { // the kernel refuses it where there never was a cost model
      to.write(
          ControlWrite.exact(
                  limit, Subsystem.BLKIO, "io.weight", disk + " " + IoWeight.ofBlkio(weight))
              .needing(IOCOST_OR_BFQ)
              .showing(Contents.DEFAULT_LINES));
    } else {
      to.write(
          ControlWrite.exact(limit, Subsystem.BLKIO, "io.bfq.weight", disk + " " + weight)
              .needing(BFQ)
              .showing(Contents.DEFAULT_LINES));
    }
  }

  private static Optional<Finding> ignoredByCostModel(DeviceNumber disk) {
    return CgroupLayout.current()
        .v2()
        .flatMap(hierarchy -> IoV2.weightWithoutEffect(hierarchy, disk));
  }

  private static void throttle(
      Translation to,
      Resources resources,
      ResourceKey<PerDevice> key,
      boolean v1,
      String v1Name,
      String v2Name) {
    resources
        .get(key)
        .ifPresent(values ->
            values
                .values()
                .forEach((device, value) -> {
                  String limit = key.name() + " of " + device + " " + value;
                  to.write(
                      v1
                          ? ControlWrite.exact(
                                  limit,
                                  Subsystem.BLKIO,
                                  "blkio.throttle." + v1Name + "_device",
                                  device + " " + text(value, "0"))
                              .needing(THROTTLE)
                              .showing(Contents.LINES)
                          : ControlWrite.exact(
                                  limit,
                                  Subsystem.BLKIO,
                                  "io.max",
                                  device + " " + v2Name + "=" + text(value, "max"))
                              .needing(THROTTLE)
                              .showing(Contents.PAIRS));
                }));
  }

  private static String text(Limit limit, String unlimited) {
    return limit.isUnlimited() ? unlimited : limit.toString();
  }
}
