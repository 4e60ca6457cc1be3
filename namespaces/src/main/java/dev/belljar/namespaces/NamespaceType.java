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
  CGROUP("cgroup"),
  /** System V IPC objects and POSIX message queues; ipc_namespaces(7). */
  IPC("ipc"),
  /** The tree of mounts; mount_namespaces(7). */
  MOUNT("mnt"),
  /** Network devices, addresses, ports, routes, firewall rules; network_namespaces(7). */
  NET("net"),
  /** Process numbers; pid_namespaces(7). */
  PID("pid"),
  /** Offsets of the monotonic and boot clocks, since Linux 5.6; time_namespaces(7). */
  TIME("time"),
  /** User and group ids, and what capabilities are worth; user_namespaces(7). */
  USER("user"),
  /** Host and NIS domain name; uts_namespaces(7). */
  UTS("uts");

  private final String fileName;

  NamespaceType(String fileName) {
    this.fileName = fileName;
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
    // Not in a field: a kind can be named where no native call is possible.
    return switch (this) {
      case CGROUP -> Uapi.CLONE_NEWCGROUP();
      case IPC -> Uapi.CLONE_NEWIPC();
      case MOUNT -> Uapi.CLONE_NEWNS();
      case NET -> Uapi.CLONE_NEWNET();
      case PID -> Uapi.CLONE_NEWPID();
      case TIME -> Uapi.CLONE_NEWTIME();
      case USER -> Uapi.CLONE_NEWUSER();
      case UTS -> Uapi.CLONE_NEWUTS();
    };
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
      flags |= type.flag();
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
      if (type.flag() == flag) {
        return Optional.of(type);
      }
    }
    return Optional.empty();
  }

  /**
   * Finds a kind by the name of its file.
   *
   * @param name such as {@code mnt}
   * @return the kind; empty when there is none with this name
   */
  static Optional<NamespaceType> ofFileName(String name) {
    for (NamespaceType type : values()) {
      if (type.fileName.equals(name)) {
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
