package dev.belljar.linux.launch;

import dev.belljar.linux.Errno;
import dev.belljar.linux.LinuxException;
import dev.belljar.linux.uapi.Uapi;
import java.util.ArrayList;
import java.util.List;

/** Says what a failed clone3 means: its errnos stand for very different things. */
public final class CloneFailure {
  private static final String[] NAMES = {
    "CLONE_NEWTIME",
    "CLONE_NEWNS",
    "CLONE_NEWCGROUP",
    "CLONE_NEWUTS",
    "CLONE_NEWIPC",
    "CLONE_NEWUSER",
    "CLONE_NEWPID",
    "CLONE_NEWNET"
  };
  private static final long[] FLAGS = {
    Uapi.CLONE_NEWTIME(), Uapi.CLONE_NEWNS(), Uapi.CLONE_NEWCGROUP(), Uapi.CLONE_NEWUTS(),
    Uapi.CLONE_NEWIPC(), Uapi.CLONE_NEWUSER(), Uapi.CLONE_NEWPID(), Uapi.CLONE_NEWNET()
  };

  private CloneFailure() {}

  /**
   * Explains a failure.
   *
   * @param errno the errno's number
   * @param namespaces the kinds that were to be made, as {@code CLONE_NEW*} flags
   * @param intoCgroup whether it was to go into a v2 group
   * @return the exception, to be thrown
   */
  public static LinuxException explain(int errno, long namespaces, boolean intoCgroup) {
    String flags = flags(namespaces) + (intoCgroup ? "|CLONE_INTO_CGROUP" : "");
    String call =
        "clone3({flags=CLONE_VM|CLONE_VFORK|CLONE_PIDFD|CLONE_CLEAR_SIGHAND%s}, 88)"
            .formatted(flags.isEmpty() || flags.startsWith("|") ? flags : "|" + flags);
    return new LinuxException(
        errno, call, "starting a process", remedy(errno, namespaces, intoCgroup));
  }

  /**
   * Names flags.
   *
   * @param namespaces {@code CLONE_NEW*} flags
   * @return such as {@code CLONE_NEWNS|CLONE_NEWPID}
   */
  public static String flags(long namespaces) {
    List<String> names = new ArrayList<>();
    for (int i = 0; i < FLAGS.length; i++) {
      if ((namespaces & FLAGS[i]) != 0) {
        names.add(NAMES[i]);
      }
    }
    return String.join("|", names);
  }

  /**
   * Says what to do about a failed clone, setns or unshare.
   *
   * @param errno the errno's number
   * @param namespaces the kinds that were to be made
   * @param intoCgroup whether it was to go into a v2 group
   * @return the remedy, empty when none is known
   */
  public static String remedy(int errno, long namespaces, boolean intoCgroup) {
    boolean user = (namespaces & Uapi.CLONE_NEWUSER()) != 0;
    return switch (Errno.of(errno).orElse(Errno.EIO)) {
      case ENOSPC ->
          user
              ? "the sysctl user.max_user_namespaces is 0 or reached, or user namespaces are nested"
                  + " more than 32 deep"
              : "a limit under /proc/sys/user/max_*_namespaces is reached";
      case ENOSYS ->
          "on Linux 5.14 or later a seccomp filter forbids clone3, as Docker's default profile does"
              + " without CAP_SYS_ADMIN";
      case EPERM ->
          user
              ? "user namespaces may be forbidden: see the sysctls kernel.unprivileged_userns_clone"
                  + " and user.max_user_namespaces, and whether this process is in a chroot"
              : "making namespaces needs CAP_SYS_ADMIN, or a user namespace beside them (USER)";
      case EAGAIN -> "a limit on processes is reached: RLIMIT_NPROC, pids.max or kernel.pid_max";
      case EBUSY -> intoCgroup ? "the cgroup has controllers enabled for its children" : "";
      case EACCES -> intoCgroup ? "the cgroup is not delegated to this user" : "";
      default -> "";
    };
  }
}
