package dev.belljar.cgroups;

import dev.belljar.cgroups.controller.DevicesV1;
import dev.belljar.cgroups.controller.Limit;
import dev.belljar.cgroups.hierarchy.CgroupVersion;
import dev.belljar.cgroups.hierarchy.Subsystem;
import java.util.List;
import java.util.Optional;

/** The limits of the controllers with a single file each as writes, then the raw files. */
final class OtherWrites {
  static final String PIDS_MAX = "pids.max";

  private OtherWrites() {}

  static void add(Translation to, Resources resources, CgroupVersion version) {
    boolean v1 = version == CgroupVersion.V1;
    resources
        .get(ResourceKeys.PIDS)
        .ifPresent(limit ->
            to.write(
                ControlWrite.exact("pids " + limit, Subsystem.PIDS, PIDS_MAX, text(limit, "max"))));
    addHugepages(to, resources, v1);
    addNetwork(to, resources, v1);
    resources
        .get(ResourceKeys.RDMA)
        .ifPresent(limits ->
            limits.forEach((device, limit) ->
                to.write(
                    ControlWrite.exact(
                            "rdma " + device + " " + limit.text(),
                            Subsystem.RDMA,
                            "rdma.max",
                            device + " " + limit.text())
                        .showing(Contents.PAIRS))));
    resources
        .get(ResourceKeys.DEVICES)
        .filter(_ -> v1)
        .ifPresent(rules ->
            DevicesV1.inexpressible(rules)
                .ifPresent(hole -> to.cannot(ResourceKeys.DEVICES, rules, hole.text())));
    resources.rawFiles().forEach((file, value) -> addRaw(to, file, value, v1));
  }

  private static void addHugepages(Translation to, Resources resources, boolean v1) {
    resources
        .get(ResourceKeys.HUGEPAGES)
        .ifPresent(limits ->
            limits.forEach((size, limit) -> {
              ControlWrite write =
                  ControlWrite.exact(
                          "hugepages of " + size + " " + limit,
                          Subsystem.HUGETLB,
                          "hugetlb." + pageName(size) + (v1 ? ".limit_in_bytes" : ".max"),
                          text(limit, v1 ? "-1" : "max"))
                      .needing("huge pages of " + size + " bytes")
                      .showing(Contents.BYTES);
              to.write(limit.value().orElse(0) % size == 0 ? write : write.rounded());
            }));
  }

  private static String text(Limit limit, String unlimited) {
    return limit.isUnlimited() ? unlimited : limit.toString();
  }

  /** How the kernel names a page size: {@code 2MB}. */
  static String pageName(long bytes) {
    List<String> units = List.of("B", "KB", "MB", "GB");
    int unit = Math.min(units.size() - 1, (63 - Long.numberOfLeadingZeros(bytes)) / 10);
    return (bytes >> 10 * unit) + units.get(unit);
  }

  private static void addNetwork(Translation to, Resources resources, boolean v1) {
    resources
        .get(ResourceKeys.NET_CLASS)
        .ifPresent(classid -> {
          if (v1) {
            to.write(
                ControlWrite.exact(
                    "netClass " + classid, Subsystem.NET_CLS, "net_cls.classid", classid));
          } else {
            to.cannot(
                ResourceKeys.NET_CLASS,
                classid,
                "cgroup v2 has no net_cls; match the group's path, as with nft's socket cgroupv2");
          }
        });
    resources
        .get(ResourceKeys.NET_PRIORITY)
        .ifPresent(priorities -> {
          if (!v1) {
            to.cannot(
                ResourceKeys.NET_PRIORITY,
                priorities,
                "cgroup v2 has no net_prio; match the group's path, as with nft's socket cgroupv2");
            return;
          }
          priorities.forEach((name, priority) ->
              to.write(
                  ControlWrite.exact(
                          "netPriority " + name + " " + priority,
                          Subsystem.NET_PRIO,
                          "net_prio.ifpriomap",
                          name + " " + priority)
                      .showing(Contents.LINES)));
        });
  }

  private static void addRaw(Translation to, String file, String value, boolean v1) {
    Optional<Subsystem> subsystem = ResourceKeys.subsystem(file);
    String limit = "unified " + file + " " + value;
    if (v1) {
      to.cannot(limit, subsystem, "it is a file of cgroup v2, where this controller is not");
      return;
    }
    to.write(
        new ControlWrite(
            limit,
            subsystem,
            List.of(new ControlWrite.FileValue(file, value, rawContents(file))),
            Optional.of("a kernel with the file " + file),
            true));
  }

  private static Contents rawContents(String file) {
    return switch (file) {
      case "io.max", "rdma.max" -> Contents.PAIRS;
      case "io.latency" -> Contents.TARGETS;
      case "io.weight", "io.bfq.weight" -> Contents.DEFAULT_LINES;
      case "misc.max", "dmem.max", "dmem.min", "dmem.low" -> Contents.LINES;
      case "cpu.max" -> Contents.QUOTA;
      case "cpuset.cpus", "cpuset.mems", "cpuset.cpus.exclusive" -> Contents.LIST;
      case "cgroup.subtree_control" -> Contents.SIGNED;
      default -> file.startsWith("memory.") ? Contents.BYTES : Contents.WHOLE;
    };
  }
}
