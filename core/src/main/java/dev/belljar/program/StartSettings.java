package dev.belljar.program;

import dev.belljar.linux.IdMap;
import dev.belljar.linux.launch.Argument;
import dev.belljar.linux.launch.ProgramBuilder;
import dev.belljar.namespaces.NamespaceType;
import dev.belljar.namespaces.launch.NamespaceSteps;
import dev.belljar.rootfs.launch.Terminal;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.IntFunction;
import java.util.function.Supplier;

/**
 * What a start has to do, decided already.
 *
 * @param created the kinds of namespace to make
 * @param joined the namespaces to enter, in their order
 * @param privileged whether the JVM may do everything, so that it need not look into the process
 * @param v1Groups how many v1 {@code tasks} files to write
 * @param v2Group whether there is a group in the v2 tree
 * @param loopback whether to bring {@code lo} up
 * @param networked whether the JVM puts it into a network while it waits
 * @param hostname the host name to set
 * @param domainname the NIS domain name to set
 * @param clocks what to write to {@code timens_offsets}
 * @param mounts adds the steps of the root file system; empty without an own MOUNT
 * @param prepared whether MOUNT begins as a copy of one that the JVM has prepared
 * @param innerIds the ids of an inner USER with a MOUNT of its own, where the mounts are to be
 *     locked
 * @param init whether the built-in init is process 1 of a command; without a command it always is
 * @param terminal the size of the terminal that the command has instead of streams
 * @param process the command's process
 */
public record StartSettings(
    Set<NamespaceType> created,
    List<NamespaceType> joined,
    boolean privileged,
    int v1Groups,
    boolean v2Group,
    boolean loopback,
    boolean networked,
    Optional<String> hostname,
    Optional<String> domainname,
    Optional<String> clocks,
    Optional<Mounts> mounts,
    boolean prepared,
    Optional<IdMap> innerIds,
    boolean init,
    Optional<TerminalSize> terminal,
    ProcessSettings process) {
  /** What the cloned process can enter by itself: TIME and PID hold for children only. */
  private static final Set<NamespaceType> ENTERED_BY_RUNNER =
      Set.of(NamespaceType.NET, NamespaceType.UTS, NamespaceType.IPC);

  /** Adds the steps of a root file system. */
  @FunctionalInterface
  public interface Mounts {
    /**
     * Adds the steps.
     *
     * @param program what to add to
     * @param trees gives the descriptors of trees that the JVM hands over, by their index
     * @param channel gives the descriptor through which the JVM says more of the network
     * @param enter adds the steps that enter a copy of prepared mounts, where there are any
     * @return the terminal, if one was asked for
     */
    Optional<Terminal> addTo(
        ProgramBuilder program,
        IntFunction<Argument> trees,
        Supplier<Argument> channel,
        Runnable enter);
  }

  /** Copies the collections. */
  public StartSettings {
    created = Set.copyOf(created);
    joined = List.copyOf(joined);
  }

  /** The same start with mounts that begin as a copy of prepared ones. */
  public StartSettings withPrepared(Mounts completing) {
    return new StartSettings(
        created,
        joined,
        privileged,
        v1Groups,
        v2Group,
        loopback,
        networked,
        hostname,
        domainname,
        clocks,
        Optional.of(completing),
        true,
        innerIds,
        init,
        terminal,
        process);
  }

  /**
   * Tells whether the runner forks the process that goes on: exec drops capabilities while the user
   * is not mapped, TIME and a joined PID hold for children only, and the JVM learns of a process
   * that waits for it only when it was forked.
   */
  public boolean forks() {
    return created.contains(NamespaceType.USER)
        || created.contains(NamespaceType.TIME)
        || networked
        || !ENTERED_BY_RUNNER.containsAll(joined);
  }

  /** Returns the kinds that the stub's clone makes, as {@code CLONE_NEW*} flags. */
  public long clonedByStub() {
    return forks() ? 0 : clonedByRunner();
  }

  /**
   * Tells whether the runner makes USER before everything else and forks once more: without
   * privilege only root of the new USER may make TIME, which no clone can make; and where mounts
   * are to be locked, this USER is the outer one.
   */
  public boolean forksForUserFirst() {
    return innerIds.isPresent()
        || !privileged
            && created.contains(NamespaceType.USER)
            && created.contains(NamespaceType.TIME);
  }

  /** Returns the kinds that the first of two clones makes. */
  long clonedFirst() {
    return NamespaceType.USER.flag() | (innerIds.isPresent() ? NamespaceType.MOUNT.flag() : 0);
  }

  /** Tells whether the first of two clones enters the v2 group, not the second. */
  boolean entersCgroupFirst() {
    return innerIds.isPresent() && privileged;
  }

  /**
   * Adds the steps of the root file system and of the files of the network.
   *
   * @return the command's end of its terminal, if it has one
   */
  Optional<Argument> addMounts(ContainerProgram.Draft draft) {
    Optional<Terminal> made =
        mounts.flatMap(all ->
            all.addTo(
                draft.steps,
                index -> draft.input(new Input.Tree(index)),
                () -> draft.input(Input.Single.GO),
                () -> enterPrepared(draft)));
    return made.map(
        each -> TerminalSteps.hand(draft, each, terminal.orElseThrow(), process.credentials()));
  }

  private static void enterPrepared(ContainerProgram.Draft draft) {
    Argument namespace = draft.input(Input.Single.PREPARED);
    NamespaceSteps.enter(draft.steps, NamespaceType.MOUNT, namespace);
    NamespaceSteps.unshare(draft.steps, NamespaceType.MOUNT);
  }

  /** Returns the kinds that the clone of the process that goes on makes. */
  long clonedByRunner() {
    long flags = NamespaceType.flags(created) & ~NamespaceType.TIME.flag();
    if (innerIds.isPresent()) {
      flags &= ~NamespaceType.MOUNT.flag();
    } else if (forksForUserFirst()) {
      flags &= ~NamespaceType.USER.flag();
    }
    if (prepared) {
      flags &= ~NamespaceType.MOUNT.flag();
    }
    return unsharesCgroup() ? flags & ~NamespaceType.CGROUP.flag() : flags;
  }

  /**
   * The namespace's root is the group its maker is in: where v1 groups are joined after the stub's
   * clone, it is made after that.
   */
  boolean unsharesCgroup() {
    return created.contains(NamespaceType.CGROUP) && v1Groups > 0 && !forks();
  }

  /** Returns all kinds that are the container's own, as {@code CLONE_NEW*} flags. */
  public long own() {
    return NamespaceType.flags(created) | NamespaceType.flags(joined);
  }
}
