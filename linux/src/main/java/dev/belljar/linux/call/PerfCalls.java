package dev.belljar.linux.call;

import static dev.belljar.linux.call.Strace.check;

import dev.belljar.linux.Descriptor;
import dev.belljar.linux.LinuxException;
import dev.belljar.linux.syscall.Scratch;
import dev.belljar.linux.syscall.Syscall;
import dev.belljar.linux.syscall.SyscallNumber;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Performance counters. */
public final class PerfCalls {
  /** {@code PERF_TYPE_HARDWARE} of {@code <linux/perf_event.h>}. */
  public static final int TYPE_HARDWARE = 0;

  /** {@code PERF_TYPE_SOFTWARE} of {@code <linux/perf_event.h>}. */
  public static final int TYPE_SOFTWARE = 1;

  // struct perf_event_attr as its first version has it (PERF_ATTR_SIZE_VER0): type at 0, size at 4,
  // config at 8, read_format at 32; the rest is 0: counting, of user and kernel mode, from now on
  private static final int ATTRIBUTES = 64;
  private static final int SIZE_AT = 4;
  private static final int CONFIG_AT = 8;
  private static final int READ_FORMAT_AT = 32;
  private static final long TOTAL_TIMES = 1 | 2; // PERF_FORMAT_TOTAL_TIME_{ENABLED,RUNNING}

  private static final int FLAG_PID_CGROUP = 4;
  private static final int FLAG_FD_CLOEXEC = 8;

  /**
   * A counter's value, and the time it was counting: the kernel shares a counter of the hardware
   * out in turns when more are asked for than there are.
   *
   * @param value what was counted
   * @param enabled nanoseconds since it was opened in which there was something to count
   * @param running nanoseconds of these in which it was counted
   */
  public record Count(long value, long enabled, long running) {}

  private PerfCalls() {}

  /**
   * Opens a counter of what the processes of a cgroup do on one processor.
   *
   * @param type {@link #TYPE_HARDWARE} or {@link #TYPE_SOFTWARE}
   * @param config which event of the type, such as {@code PERF_COUNT_SW_TASK_CLOCK}
   * @param cgroup the directory of the group, in the hierarchy that perf_event is on
   * @param cpu the processor
   * @return the counter, which is counting
   * @throws LinuxException ENOENT or EOPNOTSUPP when the machine has no such counter, EACCES or
   *     EPERM without CAP_PERFMON, ENOENT or EBADF when the directory is in another hierarchy
   * @see <a
   *     href="https://man7.org/linux/man-pages/man2/perf_event_open.2.html">perf_event_open(2)</a>
   */
  public static Descriptor openOfGroup(int type, long config, int cgroup, int cpu) {
    try (Scratch scratch = Scratch.open()) {
      MemorySegment attributes = scratch.allocate(ATTRIBUTES);
      attributes.set(ValueLayout.JAVA_INT, 0, type);
      attributes.set(ValueLayout.JAVA_INT, SIZE_AT, ATTRIBUTES);
      attributes.set(ValueLayout.JAVA_LONG, CONFIG_AT, config);
      attributes.set(ValueLayout.JAVA_LONG, READ_FORMAT_AT, TOTAL_TIMES);
      long fd =
          Syscall.call(
              SyscallNumber.PERF_EVENT_OPEN,
              attributes.address(),
              cgroup,
              cpu,
              -1,
              FLAG_PID_CGROUP | FLAG_FD_CLOEXEC);
      check(
          fd,
          () ->
              "perf_event_open({type=%d, config=%d}, %d, %d, -1, PERF_FLAG_PID_CGROUP|..CLOEXEC)"
                  .formatted(type, config, cgroup, cpu));
      return FileCalls.own(fd);
    }
  }

  /**
   * Reads a counter.
   *
   * @param fd the counter
   * @return its value
   * @throws LinuxException when the kernel refuses
   */
  public static Count read(int fd) {
    try (Scratch scratch = Scratch.open()) {
      MemorySegment values = scratch.allocate(3 * Long.BYTES);
      FileCalls.read(fd, values);
      return new Count(
          values.getAtIndex(ValueLayout.JAVA_LONG, 0),
          values.getAtIndex(ValueLayout.JAVA_LONG, 1),
          values.getAtIndex(ValueLayout.JAVA_LONG, 2));
    }
  }
}
