package dev.belljar.cgroups.hierarchy;

import dev.belljar.cgroups.tree.Backoff;
import dev.belljar.cgroups.tree.GroupTree;
import dev.belljar.linux.Errno;
import dev.belljar.linux.LinuxException;
import java.time.Duration;
import java.util.Set;

/**
 * The processes and threads of a group: listing them, and moving them in.
 *
 * <p>A process is moved by writing it to another group, in which it then is instead. Its children
 * that exist stay where they are, those it makes later start in the new group. Memory it has used
 * stays charged to the old group on version 2, and on version 1 unless that group's {@code
 * memory.move_charge_at_immigrate} says otherwise.
 *
 * @see <a href="https://docs.kernel.org/admin-guide/cgroup-v2.html#processes">cgroup-v2,
 *     Processes</a>
 */
public final class GroupMembers {
  // A process that is still being made cannot be moved: EINVAL, for an instant.
  private static final Duration NEWBORN = Duration.ofMillis(50);
  private static final String PROCS = "cgroup.procs";
  private static final String SELF = "0";

  private final CgroupDirectory group;

  /**
   * Makes a view of a group's members.
   *
   * @param group the group
   */
  public GroupMembers(CgroupDirectory group) {
    this.group = group;
  }

  /** The file of threads, which the versions name differently. */
  private String threadsFile() {
    return group.version() == CgroupVersion.V1 ? "tasks" : "cgroup.threads";
  }

  /**
   * Lists the processes in the group itself; on version 1 also those of which only some threads are
   * in it.
   *
   * @return process ids; 0 for those outside the JVM's own PID namespace
   * @throws LinuxException when the kernel refuses: EOPNOTSUPP for a threaded group of version 2,
   *     whose processes the group above it lists
   */
  public Set<Long> processes() {
    return GroupTree.parse(group.read(PROCS));
  }

  /**
   * Lists the threads in the group itself.
   *
   * @return thread ids; 0 for those outside the JVM's own PID namespace
   * @throws LinuxException when the kernel refuses
   */
  public Set<Long> threads() {
    return GroupTree.parse(group.read(threadsFile()));
  }

  /**
   * Lists the processes in the group and the groups below it.
   *
   * @return process ids; 0 for those outside the JVM's own PID namespace
   * @throws LinuxException when the kernel refuses
   */
  public Set<Long> processesBelow() {
    return GroupTree.processes(group.directory().number(), GroupTree.here());
  }

  /**
   * Lists the threads in the group and the groups below it.
   *
   * @return thread ids; 0 for those outside the JVM's own PID namespace
   * @throws LinuxException when the kernel refuses
   */
  public Set<Long> threadsBelow() {
    return GroupTree.members(group.directory().number(), GroupTree.here(), threadsFile());
  }

  /**
   * Moves a process with all its threads into the group.
   *
   * <p>On version 1 this waits for a lock of the whole machine, up to some milliseconds.
   *
   * @param pid the process, in the JVM's PID namespace
   * @throws IllegalArgumentException when the pid is not positive
   * @throws LinuxException when the kernel refuses: ESRCH when there is no such process, EBUSY when
   *     the group shares its resources out to children (version 2), ENOSPC when its cpuset is empty
   *     (version 1), EACCES when the caller may not take it from where it is
   */
  public void attach(long pid) {
    move(PROCS, pid, "process");
  }

  /**
   * Moves one thread into the group, and leaves the others of its process where they are.
   *
   * @param tid the thread, in the JVM's PID namespace
   * @throws IllegalArgumentException when the tid is not positive
   * @throws LinuxException when the kernel refuses: ESRCH when there is no such thread; on version
   *     2 EOPNOTSUPP when the group is not in the threaded domain of the thread's process
   */
  public void attachThread(long tid) {
    move(threadsFile(), tid, "thread");
  }

  private void move(String file, long id, String what) {
    if (id <= 0) {
      throw new IllegalArgumentException("not a " + what + " id: " + id);
    }
    String text = Long.toString(id);
    Backoff newborn = new Backoff(NEWBORN);
    while (true) {
      try {
        group.write(file, text);
        return;
      } catch (LinuxException e) {
        if (!e.is(Errno.EINVAL) || !newborn.pause()) {
          throw e;
        }
      }
    }
  }

  /**
   * Moves the whole JVM into the group.
   *
   * @throws LinuxException as {@link #attach} says
   */
  public void attachSelf() {
    group.write(PROCS, SELF);
  }

  /**
   * Moves the calling thread alone into the group.
   *
   * <p>Threads it starts later are in the group too, so that it is best a thread of one's own, made
   * for the purpose.
   *
   * @throws IllegalStateException when it is a virtual thread, which has no kernel thread of its
   *     own
   * @throws LinuxException as {@link #attachThread} says
   */
  public void attachCurrentThread() {
    if (Thread.currentThread().isVirtual()) {
      throw new IllegalStateException("a virtual thread cannot be moved to a group");
    }
    group.write(threadsFile(), SELF);
  }

  /**
   * Moves all processes of the group itself into another one of the same hierarchy, and those they
   * make meanwhile.
   *
   * @param other where they go
   * @return how many were moved; those outside the JVM's PID namespace stay
   * @throws IllegalArgumentException when the other group is in another hierarchy
   * @throws LinuxException as {@link #attach} says
   */
  public int moveAllTo(CgroupDirectory other) {
    if (other.hierarchy().id() != group.hierarchy().id()) {
      throw new IllegalArgumentException(other + " is not in " + group.hierarchy());
    }
    GroupMembers target = new GroupMembers(other);
    int moved = 0;
    for (Set<Long> left = others(); !left.isEmpty(); left = others()) {
      for (Long pid : left) {
        try {
          target.attach(pid);
          moved++;
        } catch (LinuxException e) {
          if (!e.is(Errno.ESRCH)) { // ended meanwhile
            throw e;
          }
        }
      }
    }
    return moved;
  }

  private Set<Long> others() {
    Set<Long> pids = processes();
    pids.remove(0L);
    return pids;
  }
}
