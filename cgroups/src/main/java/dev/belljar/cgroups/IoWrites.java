package dev.belljar.cgroups;

import dev.belljar.cgroups.controller.IoWeight;
import dev.belljar.cgroups.hierarchy.CgroupVersion;
import dev.belljar.cgroups.hierarchy.Subsystem;

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
    to.write(
        v1
            ? ControlWrite.exact(limit, Subsystem.BLKIO, "blkio.bfq.weight", weight)
                .orElse(new ControlWrite.FileValue("blkio.weight", Long.toString(weight)))
                .needing(BFQ)
            : ControlWrite.exact(limit, Subsystem.BLKIO, "io.bfq.weight", "default " + weight)
                .orElse(
                    new ControlWrite.FileValue(
                        "io.weight", "default " + IoWeight.ofBlkio(weight), Contents.LINES))
                .needing(IOCOST_OR_BFQ)
                .showing(Contents.LINES));
  }

  private static void addDeviceWeights(Translation to, PerDevice weights, boolean v1) {
    weights
        .values()
        .forEach((device, weight) -> {
          String limit = "ioWeight of " + device + " " + weight;
          String line = device + " " + weight;
          to.write(
              v1
                  ? ControlWrite.exact(limit, Subsystem.BLKIO, "blkio.bfq.weight_device", line)
                      .orElse(new ControlWrite.FileValue("blkio.weight_device", line))
                      .needing(BFQ)
                      .showing(Contents.LINES)
                  : ControlWrite.exact(limit, Subsystem.BLKIO, "io.bfq.weight", line)
                      .orElse(
                          new ControlWrite.FileValue(
                              "io.weight", device + " " + IoWeight.ofBlkio(weight)))
                      .needing(IOCOST_OR_BFQ)
                      .showing(Contents.DEFAULT_LINES));
        });
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
                                  device + " " + value)
                              .needing(THROTTLE)
                              .showing(Contents.LINES)
                          : ControlWrite.exact(
                                  limit,
                                  Subsystem.BLKIO,
                                  "io.max",
                                  device + " " + v2Name + "=" + value)
                              .needing(THROTTLE)
                              .showing(Contents.PAIRS));
                }));
  }
}
