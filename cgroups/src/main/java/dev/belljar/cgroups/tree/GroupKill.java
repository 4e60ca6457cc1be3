package dev.belljar.cgroups.tree;

import dev.belljar.linux.Descriptor;
import dev.belljar.linux.Errno;
import dev.belljar.linux.LinuxException;
import dev.belljar.linux.Signal;
import dev.belljar.linux.call.FileCalls;
import dev.belljar.linux.call.ProcessCalls;
import dev.belljar.linux.syscall.Syscall;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.LongUnaryOperator;

/**
 * Killing all processes of a group and the groups below it.
 *
 * <p>Version 2 has a file for it. On version 1 the group is frozen first, so that nothing can fork
 * away between being listed and being killed.
 */
public final class GroupKill {
  private static final Duration FREEZING = Duration.ofMillis(200);
  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final int BATCH = 64;
  private static final String PROCESSES = "cgroup.procs";
  private static final String THREADS = "cgroup.threads";
  private static final String PROCESS = "Tgid:";
  private static final long OWN = ProcessHandle.current().pid();
  private static final long NONE = -1;

  private GroupKill() {}

  /**
   * Kills everything in a group of version 2; forks at the same moment are caught by the kernel. A
   * threaded group has no such file: there the processes are killed of which it has threads, until
   * it has none, for up to 10 seconds.
   *
   * @throws LinuxException EBUSY when not all of a threaded group could be killed in time
   * @see <a
   *     href="https://docs.kernel.org/admin-guide/cgroup-v2.html#core-interface-files">cgroup.kill</a>
   */
  public static void v2(int dirfd, byte[] name) {
    try (Descriptor group = GroupTree.open(dirfd, name)) {
      FileCalls.writeFile(group.number(), "cgroup.kill", "1");
    } catch (LinuxException e) {
      if (e.is(Errno.EOPNOTSUPP)) {
        threads(dirfd, name, new Backoff(PATIENCE));
      } else if (!GroupTree.isGone(e)) {
        throw e;
      }
    }
  }

  private static void threads(int dirfd, byte[] name, Backoff patience) {
    while (true) {
      signalAll(dirfd, name, THREADS, GroupKill::processOf);
      Set<Long> left = GroupTree.members(dirfd, name, THREADS);
      left.remove(0L);
      if (left.isEmpty()) {
        return;
      }
      if (!patience.pause()) {
        throw notInTime("threads", left);
      }
    }
  }

  /**
   * Kills everything in a group of version 1.
   *
   * @param dirfd the directory the group is in
   * @param name the group
   * @param freezer whether this is the hierarchy with the freezer
   * @param patience how long to try
   * @throws LinuxException EBUSY when not all could be killed in time
   */
  public static void v1(int dirfd, byte[] name, boolean freezer, Backoff patience) {
    boolean all = false;
    while (!all) {
      Set<Long> left;
      if (freezer) {
        try (Descriptor group = GroupTree.open(dirfd, name)) {
          all = frozenKill(group.number(), dirfd, name);
        } catch (LinuxException e) {
          if (GroupTree.isGone(e)) {
            return;
          }
          throw e;
        }
      } else {
        signalAll(dirfd, name, PROCESSES, pid -> pid);
      }
      left = GroupTree.processes(dirfd, name);
      left.remove(0L);
      all |= left.isEmpty();
      if (!all && !patience.pause()) {
        throw notInTime("processes", left);
      }
    }
  }

  private static LinuxException notInTime(String what, Set<Long> left) {
    return new LinuxException(
        Errno.EBUSY.number(),
        "kill",
        "killing the %s %s".formatted(what, left),
        "they may wait for a device in an uninterruptible sleep");
  }

  /** Returns whether nothing could fork while the processes were killed. */
  private static boolean frozenKill(int group, int dirfd, byte[] name) {
    boolean frozen = false;
    try {
      frozen = FreezerState.freeze(group, new Backoff(FREEZING));
      signalAll(dirfd, name, PROCESSES, pid -> pid);
    } finally {
      thawAll(group); // only then do the killed ones end
    }
    return frozen;
  }

  /** Thaws a group and those below it, which may have been frozen for themselves. */
  private static void thawAll(int group) {
    FreezerState.thaw(group);
    for (byte[] name : GroupTree.children(group)) {
      try (Descriptor below = GroupTree.open(group, name)) {
        thawAll(below.number());
      } catch (LinuxException e) {
        if (!GroupTree.isGone(e)) {
          throw e;
        }
      }
    }
  }

  // A pid may be given to another process between being listed and being opened; what is listed
  // still, once the pidfd is open, can be killed. A pid of 0 is a process outside this PID
  // namespace, and kill(0) would be this JVM's own process group.
  private static void signalAll(int dirfd, byte[] name, String file, LongUnaryOperator processOf) {
    List<Long> ids = new ArrayList<>(GroupTree.members(dirfd, name, file));
    ids.remove(0L);
    for (int from = 0; from < ids.size(); from += BATCH) {
      Map<Long, Descriptor> open = new LinkedHashMap<>();
      try {
        for (Long id : ids.subList(from, Math.min(ids.size(), from + BATCH))) {
          openProcess(id, processOf.applyAsLong(id), open);
        }
        Set<Long> still = GroupTree.members(dirfd, name, file);
        open.forEach((id, process) -> {
          if (still.contains(id)) {
            ProcessCalls.signal(process.number(), Signal.SIGKILL.number());
          }
        });
      } finally {
        open.values().forEach(Descriptor::close);
      }
    }
  }

  private static void openProcess(long id, long pid, Map<Long, Descriptor> open) {
    if (pid == NONE || pid == OWN) {
      return; // its group was looked at before; a thread of this JVM has come since
    }
    try {
      open.put(id, ProcessCalls.open((int) pid));
    } catch (LinuxException e) {
      if (!e.is(Errno.ESRCH)) {
        throw e;
      }
    }
  }

  private static long processOf(long thread) {
    try {
      byte[] status = FileCalls.readFile(Syscall.AT_FDCWD, "/proc/" + thread + "/status");
      return new String(status, StandardCharsets.ISO_8859_1)
          .lines()
          .filter(line -> line.startsWith(PROCESS))
          .mapToLong(line -> Long.parseLong(line.substring(PROCESS.length()).strip()))
          .findFirst()
          .orElse(NONE);
    } catch (LinuxException e) {
      if (e.is(Errno.ENOENT) || e.is(Errno.ESRCH)) {
        return NONE; // it has ended
      }
      throw e;
    }
  }
}
