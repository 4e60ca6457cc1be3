package dev.belljar.cgroups.controller;

import dev.belljar.cgroups.hierarchy.CgroupDirectory;
import dev.belljar.cgroups.hierarchy.Subsystem;
import dev.belljar.cgroups.hierarchy.Written;
import dev.belljar.linux.LinuxException;
import java.util.Map;

/**
 * The net_prio subsystem of a group of version 1: the priority of the packets that its processes
 * send, for each network interface.
 *
 * <p>Version 2 has none: there a packet filter sets the priority of what a group sends (nftables
 * {@code socket cgroupv2 ... meta priority set}), or a BPF program does.
 *
 * @see <a href="https://docs.kernel.org/admin-guide/cgroup-v1/net_prio.html">cgroup-v1/net_prio</a>
 */
public final class NetPrio {
  private static final String PRIOIDX = "net_prio.prioidx";
  private static final String IFPRIOMAP = "net_prio.ifpriomap";
  private static final long MAX = 0xffff_ffffL;

  private final ControlFiles files;

  /**
   * Makes a view of a group's files.
   *
   * @param group the group, in the hierarchy of the net_prio subsystem
   * @throws UnsupportedOperationException when it is of version 2
   */
  public NetPrio(CgroupDirectory group) {
    this.files =
        ControlFiles.onV1Only(
            group,
            Subsystem.NET_PRIO,
            "set the priority of the group's packets in a packet filter (nftables socket cgroupv2"
                + " and meta priority), or by a BPF program");
  }

  /**
   * Returns the kernel's number for the group in its tables.
   *
   * @return the number
   * @throws LinuxException when the kernel refuses
   */
  public long prioidx() {
    return files.number(PRIOIDX);
  }

  /**
   * Returns the priorities of its packets.
   *
   * @return by interface of the caller's network namespace; 0 when it sets none
   * @throws LinuxException when the kernel refuses
   */
  public Map<String, Long> priorities() {
    return files.flatKeyed(IFPRIOMAP);
  }

  /**
   * Sets the priority of packets that leave through an interface.
   *
   * @param networkInterface an interface of the caller's network namespace
   * @param priority 0 to 4294967295; what it means is up to the queueing discipline
   * @return what the kernel made of it
   * @throws IllegalArgumentException when the priority is out of range
   * @throws LinuxException ENODEV when there is no such interface
   */
  public Written<Long> setPriority(String networkInterface, long priority) {
    if (priority < 0 || priority > MAX) {
      throw new IllegalArgumentException("a priority is 0 to 4294967295, not " + priority);
    }
    return files.write(
        IFPRIOMAP,
        priority,
        value -> networkInterface + " " + value,
        _ -> priorities().getOrDefault(networkInterface, 0L));
  }
}
