package dev.belljar.namespaces;

import dev.belljar.linux.uapi.Uapi;
import java.util.Collection;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;

/**
 * The kinds of namespace, each of which isolates one kind of global resource.
 *
 * @see <a href="https://man7.org/linux/man-pages/man7/namespaces.7.html">namespaces(7)</a>
 */
public enum NamespaceType {
  /** The root of what is seen of the control group tree; cgroup_namespaces(7). */
  CGROUP("cgroup", Uapi.CLONE_NEWCGROUP()),
  /** System V IPC objects and POSIX message queues; ipc_namespaces(7). */
  IPC("ipc", Uapi.CLONE_NEWIPC()),
  /** The tree of mounts; mount_namespaces(7). */
  MOUNT("mnt", Uapi.CLONE_NEWNS()),
  /** Network devices, addresses, ports, routes, firewall rules; network_namespaces(7). */
  NET("net", Uapi.CLONE_NEWNET()),
  /** Process numbers; pid_namespaces(7). */
  PID("pid", Uapi.CLONE_NEWPID()),
  /** Offsets of the monotonic and boot clocks, since Linux 5.6; time_namespaces(7). */
  TIME("time", Uapi.CLONE_NEWTIME()),
  /** User and group ids, and what capabilities are worth; user_namespaces(7). */
  USER("user", Uapi.CLONE_NEWUSER()),
  /** Host and NIS domain name; uts_namespaces(7). */
  UTS("uts", Uapi.CLONE_NEWUTS());

  private final String fileName;
  private final long flag;

  NamespaceType(String fileName, int flag) {
    this.fileName = fileName;
    this.flag = flag;
  }

  /**
   * Returns the name of the kind's file in {@code /proc/<pid>/ns}.
   *
   * @return such as {@code mnt}
   */
  public String fileName() {
    return fileName;
  }

  /**
   * Returns the kind's flag for clone(2), unshare(2) and setns(2).
   *
   * @return a {@code CLONE_NEW*} constant
   */
  public long flag() {
    return flag;
  }

  /**
   * Returns the flags of several kinds.
   *
   * @param types the kinds
   * @return their flags, combined
   */
  public static long flags(Collection<NamespaceType> types) {
    long flags = 0;
    for (NamespaceType type : types) {
      flags |= type.flag;
    }
    return flags;
  }

  /**
   * Finds a kind by its flag.
   *
   * @param flag a {@code CLONE_NEW*} constant
   * @return the kind; empty when there is none with this flag
   */
  public static Optional<NamespaceType> ofFlag(long flag) {
    for (NamespaceType type : values()) {
      if (type.flag == flag) {
        return Optional.of(type);
      }
    }
    return Optional.empty();
  }

  /**
   * Returns every kind.
   *
   * @return a new set of all kinds
   */
  public static Set<NamespaceType> all() {
    return EnumSet.allOf(NamespaceType.class);
  }
}
