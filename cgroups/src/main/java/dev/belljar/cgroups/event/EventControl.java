package dev.belljar.cgroups.event;

import dev.belljar.cgroups.hierarchy.CgroupDirectory;
import dev.belljar.linux.Descriptor;
import dev.belljar.linux.Errno;
import dev.belljar.linux.LinuxException;
import dev.belljar.linux.call.FileCalls;
import dev.belljar.linux.syscall.Scratch;
import dev.belljar.linux.syscall.Syscall;
import dev.belljar.linux.syscall.SyscallNumber;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * {@code cgroup.event_control} of version 1: has an eventfd signalled when a file has news.
 *
 * @see <a
 *     href="https://docs.kernel.org/admin-guide/cgroup-v1/memory.html#memory-thresholds">cgroup-v1/memory,
 *     9 to 11</a>
 */
final class EventControl {
  static final String FILE = "cgroup.event_control";

  private EventControl() {}

  /** Registers an eventfd; the registration ends with the eventfd, or the group. */
  static void register(CgroupDirectory group, Descriptor eventfd, EventFile file, String argument) {
    String text = "%d %d %s".formatted(eventfd.number(), file.fd(), argument).strip();
    try {
      FileCalls.writeFile(group.directory().number(), FILE, text);
    } catch (LinuxException e) {
      LinuxException clear = e.doing("watching " + file.path());
      throw e.is(Errno.EACCES)
          ? clear.withRemedy("only who may write to " + group.path().resolve(FILE) + " is told")
          : clear;
    }
  }

  /** Takes the count of an eventfd, 0 when there is none. */
  static long take(Descriptor eventfd) {
    try (Scratch scratch = Scratch.open()) {
      MemorySegment count = scratch.allocate(Long.BYTES);
      long read = Syscall.call(SyscallNumber.READ, eventfd.number(), count.address(), Long.BYTES);
      return read == Long.BYTES ? count.get(ValueLayout.JAVA_LONG, 0) : 0;
    }
  }
}
