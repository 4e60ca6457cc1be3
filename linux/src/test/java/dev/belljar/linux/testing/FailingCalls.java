package dev.belljar.linux.testing;

import dev.belljar.linux.Errno;
import dev.belljar.linux.syscall.Gate;
import dev.belljar.linux.syscall.Syscall;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Makes one native call fail among those that an action makes on the thread that starts it or on
 * the library's launch threads, whose order among each other is not fixed.
 *
 * <p>A call that gives something back is really made and then reported as failed: what it was to
 * release is gone, as it is in earnest after a failed close(2).
 */
public final class FailingCalls {
  /** The error that is reported: one that no caller expects. */
  public static final Errno ERROR = Errno.EXFULL;

  private static final Set<String> RELEASING =
      Set.of("close", "kill", "munmap", "pidfd_send_signal", "umount2", "unlinkat", "waitid");
  private static final Set<String> NEVER_FAILING =
      Set.of("getegid", "geteuid", "getpid", "gettid", "getuid");

  /**
   * One call of an action.
   *
   * @param onLaunchThread whether a launch thread makes it, or the thread that starts
   * @param name such as {@code openat}
   * @param occurrence counts the calls of this name on these threads, from 1
   */
  public record Call(boolean onLaunchThread, String name, int occurrence) {
    /** Says it in words, such as {@code close 2 on the launch thread}. */
    @Override
    public String toString() {
      return name + " " + occurrence + (onLaunchThread ? " on the launch thread" : "");
    }
  }

  /**
   * How an action with a failing call ended.
   *
   * @param reached whether it came to that call
   * @param failure what it threw
   */
  public record Outcome(boolean reached, Optional<Throwable> failure) {}

  private final Thread starter = Thread.currentThread();
  private final Map<Call, Integer> counts = new HashMap<>();
  private final List<Call> made = Collections.synchronizedList(new ArrayList<>());
  private final Optional<Call> failing;

  private FailingCalls(Optional<Call> failing) {
    this.failing = failing;
  }

  /**
   * Runs an action and lists the calls it makes.
   *
   * @param action what to run; it may throw
   * @return the calls, less those that can not fail
   */
  public static List<Call> of(Runnable action) {
    FailingCalls all = new FailingCalls(Optional.empty());
    all.run(action);
    return List.copyOf(all.made);
  }

  /**
   * Runs an action in which one call fails.
   *
   * @param call the call
   * @param action what to run
   * @return what came of it
   */
  public static Outcome failing(Call call, Runnable action) {
    FailingCalls one = new FailingCalls(Optional.of(call));
    Optional<Throwable> failure = one.run(action);
    return new Outcome(one.made.contains(call), failure);
  }

  private Optional<Throwable> run(Runnable action) {
    Syscall.setGate(this::pass);
    try {
      action.run();
      return Optional.empty();
    } catch (RuntimeException | Error failure) {
      return Optional.of(failure);
    } finally {
      Syscall.setGate(null);
    }
  }

  private long pass(String name, Gate.NativeCall call) {
    Thread thread = Thread.currentThread();
    boolean onLaunchThread = thread.getName().startsWith("belljar-launch-");
    if ((!onLaunchThread && !thread.equals(starter)) || NEVER_FAILING.contains(name)) {
      return call.make();
    }
    int occurrence = count(new Call(onLaunchThread, name, 0));
    Call now = new Call(onLaunchThread, name, occurrence);
    made.add(now);
    if (!failing.equals(Optional.of(now))) {
      return call.make();
    }
    if (RELEASING.contains(name)) {
      call.make();
    }
    return -ERROR.number();
  }

  private synchronized int count(Call kind) {
    return counts.merge(kind, 1, Integer::sum);
  }
}
