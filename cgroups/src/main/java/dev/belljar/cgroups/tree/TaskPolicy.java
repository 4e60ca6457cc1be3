package dev.belljar.cgroups.tree;

import dev.belljar.linux.LinuxException;
import dev.belljar.linux.call.FileCalls;
import dev.belljar.linux.syscall.Syscall;
import java.nio.charset.StandardCharsets;
import java.util.Set;

/** Whether a task has a real-time scheduling policy, as {@code /proc} says. */
public final class TaskPolicy {
  private static final Set<String> REAL_TIME = Set.of("1", "2"); // SCHED_FIFO, SCHED_RR
  private static final int POLICY = 41; // which field of /proc/pid/stat, counted from 1
  private static final int AFTER_NAME = 3; // the first after the name, which may hold blanks

  private TaskPolicy() {}

  /**
   * Tells whether a task is a real-time task.
   *
   * @param id its number as text; 0 for the calling thread
   * @return false when it is not, or there is none
   */
  public static boolean isRealTime(String id) {
    String number = id.strip();
    String folder = number.equals("0") ? "thread-self" : number;
    if (!folder.equals("thread-self") && !number.matches("\\d+")) {
      return false;
    }
    try {
      byte[] stat = FileCalls.readFile(Syscall.AT_FDCWD, "/proc/" + folder + "/stat");
      return REAL_TIME.contains(policy(new String(stat, StandardCharsets.ISO_8859_1)));
    } catch (LinuxException gone) {
      return false;
    }
  }

  static String policy(String stat) {
    String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
    return fields[POLICY - AFTER_NAME];
  }
}
