package dev.belljar.cgroups.controller;

import dev.belljar.cgroups.hierarchy.CgroupDirectory;
import dev.belljar.cgroups.hierarchy.Subsystem;
import dev.belljar.cgroups.hierarchy.Written;
import dev.belljar.linux.LinuxException;

/**
 * The net_cls subsystem of a group of version 1: the class of the packets that its processes send.
 *
 * <p>Version 2 has none: there a packet filter looks at the group itself (nftables {@code socket
 * cgroupv2}, iptables {@code -m cgroup --path}), or a BPF program is attached to the group.
 *
 * @see <a href="https://docs.kernel.org/admin-guide/cgroup-v1/net_cls.html">cgroup-v1/net_cls</a>
 */
public final class NetCls {
  private static final String CLASSID = "net_cls.classid";

  private final ControlFiles files;

  /**
   * Makes a view of a group's files.
   *
   * @param group the group, in the hierarchy of the net_cls subsystem
   * @throws UnsupportedOperationException when it is of version 2
   */
  public NetCls(CgroupDirectory group) {
    this.files =
        ControlFiles.onV1Only(
            group,
            Subsystem.NET_CLS,
            "match the group in a packet filter (nftables socket cgroupv2, iptables -m cgroup"
                + " --path), or attach a BPF program to it");
  }

  /**
   * Returns the class of its packets.
   *
   * @return the class; that of the group above for a new group
   * @throws LinuxException when the kernel refuses
   */
  public TrafficClass classid() {
    return TrafficClass.of(files.number(CLASSID));
  }

  /**
   * Sets the class of its packets, for the sockets that its processes have already, too.
   *
   * @param classid the class
   * @return what the kernel made of it
   * @throws LinuxException when the kernel refuses
   */
  public Written<TrafficClass> setClassid(TrafficClass classid) {
    return files.write(
        CLASSID,
        classid,
        value -> Long.toString(value.classid()),
        text -> TrafficClass.of(Long.parseLong(text.strip())));
  }
}
