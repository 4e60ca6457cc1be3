package dev.belljar.linux.launch;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.belljar.linux.Errno;
import dev.belljar.linux.LinuxException;
import dev.belljar.linux.call.Closing;
import dev.belljar.linux.call.FileCalls;
import dev.belljar.linux.syscall.Syscall;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Forked processes that nobody has reported, because a start failed between the fork and the report
 * of it.
 *
 * <p>Like all others they are children of a launch thread, but no {@link Child} holds them. Since
 * that is true for a moment of every new child, they are looked for when no start is under way.
 *
 * @see <a
 *     href="https://man7.org/linux/man-pages/man5/proc_pid_task.5.html">/proc/pid/task/tid/children</a>
 */
final class Strays {
  private static final Set<Integer> HELD = ConcurrentHashMap.newKeySet();

  /** What fails once, such as for want of a descriptor, need not fail again. */
  private static final int ATTEMPTS = 3;

  private static int starts;
  private static boolean suspected;

  private Strays() {}

  /** Says that a {@link Child} holds this process until {@link #released}. */
  static void held(int pid) {
    HELD.add(pid);
  }

  /** Says that this process has been reaped. */
  static void released(int pid) {
    HELD.remove(pid);
  }

  /** Says that a start begins; it ends with {@link #startEnds} or {@link #startFails}. */
  static synchronized void startBegins() {
    starts++;
  }

  /** Says that a start has ended and that all it has started is held. */
  static synchronized void startEnds() {
    starts--;
    try {
      endAll();
    } catch (LinuxException e) {
      // It is the failed start's, which has told so; the next start to end tries again.
    }
  }

  /**
   * Says that a start has failed, and ends what it left as soon as no other start is under way.
   *
   * @param mayHaveLeft whether it may have forked a process that is not held
   * @throws LinuxException when they cannot be looked for or ended
   */
  static synchronized void startFails(boolean mayHaveLeft) {
    starts--;
    suspected |= mayHaveLeft;
    endAll();
  }

  /**
   * Ends what is left, before the launch threads end and their children are no longer told apart.
   *
   * @throws LinuxException when they cannot be looked for or ended
   */
  static synchronized void endLeft() {
    endAll();
  }

  private static void endAll() {
    LinuxException failure = null;
    for (int i = 0; i < ATTEMPTS && suspected && starts == 0; i++) {
      try {
        unheld().forEach(Orphan::end);
        suspected = false;
      } catch (LinuxException e) {
        failure = Closing.first(failure, e);
      }
    }
    if (failure != null) {
      throw failure;
    }
  }

  private static List<Integer> unheld() {
    List<Integer> found = new ArrayList<>();
    for (int thread : LaunchThreads.ids()) {
      for (String pid : childrenOf(thread).split(" ", -1)) {
        if (!pid.isBlank() && !HELD.contains(Integer.valueOf(pid))) {
          found.add(Integer.valueOf(pid));
        }
      }
    }
    return found;
  }

  private static String childrenOf(int thread) {
    try {
      String file = "/proc/self/task/" + thread + "/children";
      return new String(FileCalls.readFile(Syscall.AT_FDCWD, file), US_ASCII);
    } catch (LinuxException e) {
      if (e.is(Errno.ENOENT)) {
        return ""; // the thread has ended, or the kernel was built without CONFIG_PROC_CHILDREN
      }
      throw e;
    }
  }
}
