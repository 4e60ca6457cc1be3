package dev.belljar.cgroups.hierarchy;

import dev.belljar.linux.Errno;
import java.util.List;

/** The errors of making, removing and joining groups, and of the files named {@code cgroup.*}. */
final class CoreErrors {
  private static final String PROCS = "cgroup.procs";
  private static final String THREADS = "cgroup.threads";
  private static final String JOINING = "cgroup.procs cgroup.threads tasks";
  private static final String SUBTREE = "cgroup.subtree_control";
  private static final String TYPE = "cgroup.type";
  private static final String INVALID = "domain invalid";

  /** The no-internal-processes rule, seen by a process that would join. */
  static final ControlFileError INTERNAL_PROCESSES =
      ControlFileError.v2(
              PROCS,
              Errno.EBUSY,
              "no internal processes: the group shares resources out to its children"
                  + " (cgroup.subtree_control has a controller that cannot tell threads apart), so"
                  + " it must not hold processes itself",
              "join a child of it, or disable its cgroup.subtree_control first")
          .when(refused -> !refused.read(SUBTREE).isEmpty());

  /** The same rule, seen by who enables a controller. */
  static final ControlFileError PROCESSES_INSIDE =
      ControlFileError.v2(
              SUBTREE,
              Errno.EBUSY,
              "no internal processes: the group holds processes itself, so it cannot share its"
                  + " resources out to its children",
              "move its processes into a child first")
          .when(refused -> refused.value().contains("+"));

  /** A controller that a child hands on. */
  static final ControlFileError USED_BELOW =
      ControlFileError.v2(
              SUBTREE,
              Errno.EBUSY,
              "a child of the group has the controller enabled for its own children",
              "disable it there first")
          .when(refused -> refused.value().contains("-"));

  /** A controller the group itself does not have. */
  static final ControlFileError NOT_AVAILABLE =
      ControlFileError.v2(
          SUBTREE,
          Errno.ENOENT,
          "the controller is not in cgroup.controllers of the group, because it is not enabled in"
              + " cgroup.subtree_control of the group above, or is in use on version 1",
          "enable it from the root down, or unmount its version 1 hierarchy");

  /** A controller that no kernel of this build has. */
  static final ControlFileError UNKNOWN_CONTROLLER =
      ControlFileError.v2(
          SUBTREE,
          Errno.EINVAL,
          "the kernel knows no such controller, or it has no files on version 2",
          "cgroup.controllers lists those there are");

  /** A controller that cannot count single threads. */
  static final ControlFileError NOT_FOR_THREADS =
      ControlFileError.v2(
          SUBTREE,
          Errno.EOPNOTSUPP,
          "the group is threaded, or invalid because a group above it is, and the controller cannot"
              + " tell threads apart",
          "enable only cpu, cpuset, perf_event and pids in threaded groups");

  /** A domain below a threaded group, which cannot be used. */
  static final ControlFileError INVALID_DOMAIN =
      ControlFileError.v2(
              PROCS,
              Errno.EOPNOTSUPP,
              "the group is a domain below a threaded group, which cannot hold processes",
              "make it threaded too: write threaded to its cgroup.type")
          .when(refused -> refused.read(TYPE).equals(INVALID));

  /** Reading the processes of a group of threads. */
  static final ControlFileError LISTS_THREADS =
      ControlFileError.v2(
              PROCS,
              Errno.EOPNOTSUPP,
              "the group is threaded: its processes belong to the nearest domain above it",
              "list its threads, or the processes of the domain")
          .when(refused -> refused.value().isEmpty());

  /** Files that know yes and no. */
  static final ControlFileError NOT_A_SWITCH =
      ControlFileError.v2(
          "cgroup.freeze cgroup.kill cgroup.pressure",
          Errno.ERANGE,
          "the file takes 0 and 1, cgroup.kill 1 alone",
          "write one of these");

  /** A thread that would leave the domain of its process. */
  static final ControlFileError OTHER_DOMAIN =
      ControlFileError.v2(
          THREADS,
          Errno.EOPNOTSUPP,
          "a thread can move only within the threaded groups of its process's domain",
          "move the whole process into the domain first, or make the group threaded");

  /** A group that cannot become threaded. */
  static final ControlFileError CANNOT_BE_THREADED =
      ControlFileError.v2(
          TYPE,
          Errno.EOPNOTSUPP,
          "a group that holds processes or enables controllers other than the threaded ones cannot"
              + " become threaded, nor can one whose parent cannot be the root of a threaded tree",
          "make it threaded while it and its parent are empty and share nothing out");

  /** The only type that can be written. */
  static final ControlFileError NOT_A_TYPE =
      ControlFileError.v2(
          TYPE,
          Errno.EINVAL,
          "only threaded can be written, and it cannot be undone",
          "remove the group and make it anew for a domain");

  /** Killing threads. */
  static final ControlFileError KILL_THREADED =
      ControlFileError.v2(
              "cgroup.kill",
              Errno.EOPNOTSUPP,
              "the group is threaded, and only whole processes can be killed",
              "kill the root of its threaded domain")
          .on("since 5.14");

  /** A tree that may not grow. */
  static final ControlFileError TOO_DEEP_OR_MANY =
      ControlFileError.v2(
          "mkdir",
          Errno.EAGAIN,
          "cgroup.max.depth or cgroup.max.descendants of a group above is reached",
          "raise it there, or remove groups; removed ones count until their memory is given back");

  /** A group that has a process or a child. */
  static final ControlFileError NOT_EMPTY =
      ControlFileError.both(
          "rmdir",
          Errno.EBUSY,
          "the group still holds processes, or groups below it",
          "kill or move its processes and remove the groups below it first; killed ones take a"
              + " moment to leave");

  /** A new cpuset of version 1. */
  static final ControlFileError EMPTY_CPUSET =
      ControlFileError.v1(
              JOINING,
              Errno.ENOSPC,
              "the group has no processors or no memory nodes (cpuset.cpus or cpuset.mems is"
                  + " empty), as every new group of a version 1 cpuset hierarchy",
              "set both before a process joins")
          .when(refused ->
              refused.read("cpuset.cpus").isEmpty() || refused.read("cpuset.mems").isEmpty());

  /** A process that is not there. */
  static final ControlFileError NO_SUCH_PROCESS =
      ControlFileError.both(
          JOINING,
          Errno.ESRCH,
          "there is no such process, or it has ended",
          "give an id that is valid in the PID namespace of the caller");

  /** Moving needs a right on the group above both. */
  static final ControlFileError NO_COMMON_ANCESTOR =
      ControlFileError.v2(
          JOINING,
          Errno.EACCES,
          "a process may be moved only by who may write to cgroup.procs of the nearest group above"
              + " both the old and the new one",
          "start it in the delegated tree, or have the owner of the group above move it");

  /** Kernel threads that stay where they are. */
  static final ControlFileError KERNEL_THREAD =
      ControlFileError.both(
          JOINING,
          Errno.EINVAL,
          "a kernel thread that is bound to its processor cannot be moved, nor a task that is not"
              + " yet fully made",
          "leave kernel threads in the root; try a new process again");

  /** The helper of the whole machine. */
  static final ControlFileError NOT_MACHINE_ROOT =
      ControlFileError.v1(
              "release_agent",
              Errno.EPERM,
              "the release agent runs as root of the whole machine, so only a process with"
                  + " CAP_SYS_ADMIN in the first user namespace may set it",
              "set it from outside the container")
          .on("since 5.17, and in stable kernels of early 2022");

  static final List<ControlFileError> ROWS =
      List.of(
          INTERNAL_PROCESSES,
          PROCESSES_INSIDE,
          USED_BELOW,
          NOT_AVAILABLE,
          UNKNOWN_CONTROLLER,
          NOT_FOR_THREADS,
          INVALID_DOMAIN,
          LISTS_THREADS,
          NOT_A_SWITCH,
          OTHER_DOMAIN,
          CANNOT_BE_THREADED,
          NOT_A_TYPE,
          KILL_THREADED,
          TOO_DEEP_OR_MANY,
          NOT_EMPTY,
          EMPTY_CPUSET,
          NO_SUCH_PROCESS,
          NO_COMMON_ANCESTOR,
          KERNEL_THREAD,
          NOT_MACHINE_ROOT);

  private CoreErrors() {}
}
