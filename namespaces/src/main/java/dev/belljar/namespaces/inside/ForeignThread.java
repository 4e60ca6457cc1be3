package dev.belljar.namespaces.inside;

import static dev.belljar.linux.call.Strace.check;

import dev.belljar.linux.BytePath;
import dev.belljar.linux.Descriptor;
import dev.belljar.linux.Errno;
import dev.belljar.linux.LinuxException;
import dev.belljar.linux.call.MountCalls;
import dev.belljar.linux.call.Threads;
import dev.belljar.linux.launch.CloneFailure;
import dev.belljar.linux.syscall.Syscall;
import dev.belljar.linux.syscall.SyscallNumber;
import dev.belljar.linux.uapi.Uapi;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * A thread that enters a namespace, runs code of others there, and ends: it is never used again.
 */
public final class ForeignThread {
  private static final Set<Integer> IDS = ConcurrentHashMap.newKeySet();

  private ForeignThread() {}

  /** Enters a namespace on a thread. */
  @FunctionalInterface
  public interface Entering {
    /** Enters it, for the calling thread. */
    void enter();
  }

  /**
   * Runs code on a new thread.
   *
   * @param name the thread's name
   * @param entering what the thread does first
   * @param code the code
   * @return what it returned
   * @throws Exception what it threw
   */
  public static <T> T call(String name, Entering entering, Callable<T> code) throws Exception {
    FutureTask<T> task =
        new FutureTask<>(() -> {
          int id = (int) Syscall.call(SyscallNumber.GETTID);
          IDS.add(id);
          try {
            entering.enter();
            return code.call();
          } finally {
            IDS.remove(id);
          }
        });
    Thread thread = new Thread(null, task, name, 0, false);
    thread.setDaemon(true);
    thread.start();
    try {
      return result(task, thread);
    } catch (ExecutionException e) {
      throw rethrown(e);
    } finally {
      Threads.join(thread);
    }
  }

  private static <T> T result(FutureTask<T> task, Thread thread) throws ExecutionException {
    boolean interrupted = false;
    try {
      while (true) {
        try {
          return task.get(JdkThreads.KEPT_NANOS / 2, TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
          interrupted = true;
          thread.interrupt(); // the code decides, as if it had been interrupted itself
        } catch (TimeoutException e) {
          JdkThreads.startOutside(); // the code may need them only later
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private static Exception rethrown(ExecutionException e) {
    if (e.getCause() instanceof Error error) {
      throw error;
    }
    return (Exception) e.getCause();
  }

  /** Tells whether a thread, by the number the kernel has for it, is one of these. */
  static boolean isOne(int id) {
    return IDS.contains(id);
  }

  /**
   * Moves the calling thread into a namespace.
   *
   * @param namespace the namespace
   * @param kind its {@code CLONE_NEW*} flag
   * @throws LinuxException when the kernel refuses
   * @see <a href="https://man7.org/linux/man-pages/man2/setns.2.html">setns(2)</a>
   */
  public static void enter(Descriptor namespace, long kind) {
    if (kind == Uapi.CLONE_NEWNS()) {
      unshare(Uapi.CLONE_FS(), "CLONE_FS"); // a shared root and working directory would be EINVAL
    }
    int fd = namespace.number();
    long result = Syscall.call(SyscallNumber.SETNS, fd, kind);
    if (Syscall.failed(result)) {
      String flag = CloneFailure.flags(kind);
      LinuxException failure =
          new LinuxException((int) -result, "setns(" + fd + ", " + flag + ")")
              .doing("entering a namespace");
      throw failure.is(Errno.EPERM)
          ? failure.withRemedy(
              "entering needs CAP_SYS_ADMIN here and in the namespace's owner; an ordinary user can"
                  + " have single objects made inside, or exec a command into a container")
          : failure;
    }
  }

  /**
   * Gives the calling thread new namespaces. The mounts of a new MOUNT are slaves of those outside:
   * where those are shared, as under systemd, the kernel makes the copies members of the same
   * groups, and what is mounted inside would appear outside.
   *
   * @param kinds {@code CLONE_NEW*} flags
   * @throws LinuxException when the kernel refuses
   * @see <a href="https://man7.org/linux/man-pages/man2/unshare.2.html">unshare(2)</a>
   */
  public static void unshare(long kinds) {
    try {
      unshare(kinds, CloneFailure.flags(kinds)); // with MOUNT the kernel unshares FS by itself
    } catch (LinuxException e) {
      throw e.doing("making namespaces for a thread")
          .withRemedy(CloneFailure.remedy(e.errno(), kinds, false));
    }
    if ((kinds & Uapi.CLONE_NEWNS()) != 0) {
      leaveThePeerGroups();
    }
  }

  private static void leaveThePeerGroups() {
    try {
      MountCalls.mount("none", BytePath.of("/"), "none", Uapi.MS_REC() | Uapi.MS_SLAVE(), "");
    } catch (LinuxException e) {
      LinuxException failure = e.doing("making / a slave of the mounts outside");
      throw e.is(Errno.EINVAL)
          ? failure.withRemedy("the root directory of this JVM is not a mount point")
          : failure;
    }
  }

  private static void unshare(long flags, String text) {
    check(Syscall.call(SyscallNumber.UNSHARE, flags), () -> "unshare(" + text + ")");
  }
}
