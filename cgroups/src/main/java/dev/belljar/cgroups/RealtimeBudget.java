package dev.belljar.cgroups;

import dev.belljar.cgroups.tree.GroupTree;
import dev.belljar.linux.Descriptor;
import dev.belljar.linux.LinuxException;
import dev.belljar.linux.call.FileCalls;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * The time for real-time tasks that the JVM's parent group gives its groups.
 *
 * <p>A group can only have what the one above has, and a new group has none: so the parent group is
 * given what all its groups need together. What a removed group needed, or one that now needs less,
 * goes back with the next.
 *
 * @see <a href="https://docs.kernel.org/scheduler/sched-rt-group.html">Real-Time group
 *     scheduling</a>
 */
final class RealtimeBudget {
  private RealtimeBudget() {}

  /**
   * Gives the group above as much as its groups will need.
   *
   * @param parent the directory of the group above
   * @param name the group that will need more, or less
   * @param needed how much of the processor time it will need, 0 to 1
   * @return what it had before, in microseconds of its period
   * @throws LinuxException EINVAL when the groups further above do not have as much
   */
  static long provide(int parent, String name, double needed) {
    double all = needed;
    byte[] own = name.getBytes(StandardCharsets.UTF_8);
    for (byte[] child : GroupTree.children(parent)) {
      if (!Arrays.equals(child, own)) {
        all += share(parent, child);
      }
    }
    long period = number(parent, CpuWrites.RT_PERIOD);
    long before = number(parent, CpuWrites.RT_RUNTIME);
    restore(parent, (long) Math.ceil(all * period));
    return before;
  }

  /** Gives the group above what it had before. */
  static void restore(int parent, long runtimeMicros) {
    FileCalls.writeFile(parent, CpuWrites.RT_RUNTIME, Long.toString(runtimeMicros));
  }

  private static double share(int parent, byte[] child) {
    try (Descriptor group = GroupTree.open(parent, child)) {
      return (double) number(group.number(), CpuWrites.RT_RUNTIME)
          / number(group.number(), CpuWrites.RT_PERIOD);
    } catch (LinuxException e) {
      if (GroupTree.isGone(e)) {
        return 0;
      }
      throw e;
    }
  }

  private static long number(int group, String file) {
    return Long.parseLong(
        new String(FileCalls.readFile(group, file), StandardCharsets.US_ASCII).strip());
  }
}
