package dev.belljar.namespaces.inside;

import dev.belljar.linux.Descriptor;
import dev.belljar.linux.LinuxException;
import dev.belljar.linux.call.DirectoryCalls;
import dev.belljar.linux.call.FileCalls;
import dev.belljar.linux.call.FileStatus;
import dev.belljar.linux.syscall.Syscall;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/** Finds the threads of this JVM that are in a namespace they should not be in. */
public final class LeftThreads {
  private static final long GRACE_NANOS = Duration.ofMillis(100).toNanos();
  private static final long INTERVAL_NANOS = Duration.ofMillis(2).toNanos();

  private LeftThreads() {}

  /**
   * Finds threads that were left inside, when there still are some after a moment: a thread that
   * has ended as Java sees it may still be there for the kernel.
   *
   * @param file the kind's file in {@code /proc/self/task/<tid>/ns}
   * @param device the namespace's device
   * @param inode its number
   * @return their names
   */
  public static List<String> find(String file, long device, long inode) {
    long end = System.nanoTime() + GRACE_NANOS;
    List<String> found = look(file, device, inode);
    while (!found.isEmpty() && System.nanoTime() < end) {
      LockSupport.parkNanos(INTERVAL_NANOS);
      found = look(file, device, inode);
    }
    return found;
  }

  private static List<String> look(String file, long device, long inode) {
    List<String> found = new ArrayList<>();
    try (Descriptor tasks = DirectoryCalls.open(Syscall.AT_FDCWD, "/proc/self/task")) {
      for (DirectoryCalls.Entry entry : DirectoryCalls.list(tasks.number())) {
        String id = new String(entry.name(), StandardCharsets.US_ASCII);
        if (ForeignThread.isOne(Integer.parseInt(id))) {
          continue;
        }
        try {
          FileStatus status = FileStatus.at(tasks.number(), id + "/ns/" + file);
          if (status.device() == device && status.inode() == inode) {
            found.add(name(tasks, id));
          }
        } catch (LinuxException ended) {
          // between the listing and the look
        }
      }
    }
    found.removeIf("belljar-inside"::equals); // it is about to come back
    return found;
  }

  // The kernel has the first 15 bytes of a name only.
  private static String name(Descriptor tasks, String id) {
    String comm =
        new String(FileCalls.readFile(tasks.number(), id + "/comm"), StandardCharsets.UTF_8)
            .strip();
    return Thread.getAllStackTraces().keySet().stream()
        .map(Thread::getName)
        .filter(name -> !comm.isEmpty() && name.startsWith(comm))
        .findFirst()
        .orElse(comm.isEmpty() ? "thread " + id : comm);
  }
}
