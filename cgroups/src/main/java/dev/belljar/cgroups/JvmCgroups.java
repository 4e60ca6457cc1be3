package dev.belljar.cgroups;

import dev.belljar.cgroups.hierarchy.CgroupLayout;
import dev.belljar.cgroups.hierarchy.Hierarchy;
import dev.belljar.cgroups.tree.Backoff;
import dev.belljar.cgroups.tree.ParentName;
import dev.belljar.cgroups.tree.Undo;
import dev.belljar.linux.BytePath;
import dev.belljar.linux.Finding;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The groups of this JVM as a whole: where they are, what becomes of them, and of those that a
 * killed JVM left behind.
 *
 * <p>All groups made by one JVM are below one parent group, {@code belljar-} and 16 hexadecimal
 * digits, one for each hierarchy and place used. It is locked while the JVM lives. It is made when
 * the first group is, kept when the last group is closed, so that the next start need not make it
 * again, and removed by {@link #release} or when the JVM exits. What is still in it then is killed.
 *
 * <p>A JVM that is killed cannot do that. So the first group made by a JVM first sweeps what others
 * left in the same places, and {@link #sweep} sweeps everywhere.
 */
public final class JvmCgroups {
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private static final ReentrantLock LOCK = new ReentrantLock();
  private static final Map<BytePath, ParentGroup> PARENTS = new LinkedHashMap<>();
  private static final Set<BytePath> SWEPT = new HashSet<>();
  private static final String NAME = ParentName.fresh();
  private static boolean sweptPossible;
  private static boolean hooked;
  private static boolean exiting;

  private JvmCgroups() {}

  /**
   * Finds what killed JVMs left in all mounted hierarchies, kills the processes in it and removes
   * it.
   *
   * <p>Left behind is a parent group of this library that no living JVM has locked. Groups of other
   * users are left alone unless the caller is root.
   *
   * @return what was removed, and what could not be
   */
  public static SweepReport sweep() {
    LeftBehind sweep = new LeftBehind();
    CgroupLayout.current().hierarchies().forEach(sweep::everywhere);
    return sweep.report();
  }

  /**
   * Removes the parent groups that hold no group any more; those in use are kept.
   *
   * <p>The next group that is made makes them again.
   */
  public static void release() {
    LOCK.lock();
    try {
      removeParents(false);
    } finally {
      LOCK.unlock();
    }
  }

  /**
   * Kills all processes in all groups of this JVM and removes the groups.
   *
   * <p>This is what happens when the JVM exits, unless {@link #withoutExitHook} was called.
   */
  public static void end() {
    LOCK.lock();
    try {
      removeParents(true);
    } finally {
      LOCK.unlock();
    }
  }

  /**
   * Leaves it to the caller to call {@link #end} when the JVM exits, after whatever else it does
   * then. Has to be called before the first group is made.
   */
  public static void withoutExitHook() {
    LOCK.lock();
    try {
      hooked = true;
    } finally {
      LOCK.unlock();
    }
  }

  private static void removeParents(boolean all) {
    List<Runnable> removals = new ArrayList<>();
    for (ParentGroup parent : PARENTS.values()) {
      if (all || parent.isEmpty()) {
        removals.add(() -> remove(parent));
      }
    }
    Undo.all(removals.toArray(Runnable[]::new));
  }

  // One that could not be removed is kept, for the next time.
  private static void remove(ParentGroup parent) {
    try {
      parent.remove(new Backoff(PATIENCE));
    } finally {
      if (parent.isRemoved()) {
        PARENTS.remove(parent.seat().base());
      }
    }
  }

  /**
   * Finds or makes the parent group of a seat for one more group.
   *
   * @param findings takes what went wrong in sweeping
   * @throws IllegalStateException when the JVM is exiting
   */
  static ParentGroup enter(Seat seat, List<Finding> findings) {
    LOCK.lock();
    try {
      if (exiting) {
        throw new IllegalStateException("the JVM is exiting, and no group is made any more");
      }
      hookExit();
      ParentGroup parent = PARENTS.get(seat.base());
      if (parent != null && parent.isEnding()) {
        remove(parent);
        parent = null;
      }
      if (parent == null) {
        sweepBefore(seat, findings);
        parent = make(seat);
      } else {
        parent.enable(seat.controllers());
      }
      parent.enter();
      return parent;
    } finally {
      LOCK.unlock();
    }
  }

  private static ParentGroup make(Seat seat) {
    ParentGroup parent = ParentGroup.make(seat, NAME);
    try {
      parent.enable(seat.controllers());
    } catch (RuntimeException | Error e) {
      Undo.after(e, () -> parent.remove(new Backoff(PATIENCE)));
      throw e;
    }
    PARENTS.put(seat.base(), parent);
    return parent;
  }

  static void leave(ParentGroup parent) {
    LOCK.lock();
    try {
      parent.leave();
    } finally {
      LOCK.unlock();
    }
  }

  // Nobody would remove what other threads made afterwards.
  private static void exit() {
    LOCK.lock();
    try {
      exiting = true;
      end();
    } finally {
      LOCK.unlock();
    }
  }

  private static void hookExit() {
    if (!hooked) {
      Thread hook = new Thread(JvmCgroups::exit, "belljar-cgroups-exit");
      Runtime.getRuntime().addShutdownHook(hook);
      hooked = true;
    }
  }

  /**
   * Sweeps what killed JVMs left where this one could have groups, once: also for a first start
   * that needs none.
   */
  static void sweepOnce() {
    LOCK.lock();
    try {
      sweepPossible(new LeftBehind());
    } finally {
      LOCK.unlock();
    }
  }

  private static void sweepBefore(Seat seat, List<Finding> findings) {
    LeftBehind sweep = new LeftBehind();
    sweepPossible(sweep);
    if (SWEPT.add(seat.base())) {
      sweep.below(seat.hierarchy(), seat.base());
    }
    findings.addAll(sweep.report().failures());
  }

  // A JVM killed in this place may have had groups in hierarchies that this one never uses.
  private static void sweepPossible(LeftBehind sweep) {
    if (sweptPossible) {
      return;
    }
    sweptPossible = true;
    for (Hierarchy hierarchy : CgroupLayout.current().hierarchies()) {
      for (BytePath base : Bases.possible(hierarchy)) {
        if (SWEPT.add(base)) {
          sweep.below(hierarchy, base);
        }
      }
    }
  }
}
