package dev.belljar.namespaces;

import dev.belljar.linux.IdMap;
import dev.belljar.linux.LinuxException;
import dev.belljar.linux.call.Closing;
import dev.belljar.namespaces.inside.Creator;
import dev.belljar.namespaces.inside.PausedProcess;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;

/**
 * A process that one clone3(2) made in new namespaces and that does nothing there. With PID it is
 * process 1, as long as which others can be put beside it.
 *
 * {@snippet :
 * try (NamespaceProcess process = NamespaceProcess.clone(PID, UTS)) {
 *   Container.builder().join(process.namespaces().get(PID)).start();
 * }
 * }
 *
 * @see <a href="https://man7.org/linux/man-pages/man2/clone.2.html">clone3(2)</a>
 */
public final class NamespaceProcess implements AutoCloseable {
  private final PausedProcess process;
  private final NamespaceSet namespaces;

  private NamespaceProcess(PausedProcess process, NamespaceSet namespaces) {
    this.process = process;
    this.namespaces = namespaces;
  }

  /**
   * Makes one, with the usual ids: root's are the same inside, and an ordinary user is root inside.
   *
   * @param types the kinds, of which an ordinary user needs USER to be one
   * @return the process, to be closed
   * @throws IllegalArgumentException when TIME is among the kinds: it could not be set any more;
   *     {@link NewNamespaces} makes it
   * @throws LinuxException when the kernel refuses
   */
  public static NamespaceProcess clone(NamespaceType... types) {
    return clone(Optional.empty(), types);
  }

  /**
   * Makes one; see {@link #clone(NamespaceType...)}.
   *
   * @param idMap the ids of its USER namespace
   * @param types the kinds, USER among them
   * @return the process, to be closed
   * @throws IllegalArgumentException when TIME is among the kinds, or USER is not, or an ordinary
   *     user maps the own group but allows setgroups
   * @throws LinuxException when the kernel refuses
   */
  public static NamespaceProcess clone(IdMap idMap, NamespaceType... types) {
    if (!Arrays.asList(types).contains(NamespaceType.USER)) {
      throw new IllegalArgumentException("an id map needs USER among the kinds");
    }
    NewNamespaces.requirePossible(idMap);
    return clone(Optional.of(idMap), types);
  }

  private static NamespaceProcess clone(Optional<IdMap> idMap, NamespaceType... types) {
    Set<NamespaceType> set = EnumSet.noneOf(NamespaceType.class);
    set.addAll(Arrays.asList(types));
    if (set.contains(NamespaceType.TIME)) {
      throw new IllegalArgumentException(
          "the clocks of a cloned TIME namespace can not be set; NewNamespaces makes one");
    }
    long kinds = NamespaceType.flags(set);
    PausedProcess process = PausedProcess.start(kinds, 0);
    try {
      Creator.setUp(process, new Creator.Request(kinds, idMap, Duration.ZERO, Duration.ZERO));
      return new NamespaceProcess(
          process,
          NamespaceSet.open(
              set, type -> "/proc/%d/ns/%s".formatted(process.pid(), type.fileName())));
    } catch (RuntimeException | Error failure) {
      Closing.after(failure, process);
      throw failure;
    }
  }

  /**
   * Returns the process's number.
   *
   * @return the number, as this JVM sees it
   */
  public long pid() {
    return process.pid();
  }

  /**
   * Tells whether it lives; it could have been killed.
   *
   * @return true while it lives
   */
  public boolean isAlive() {
    return process.isAlive();
  }

  /**
   * Returns the namespaces that were made, which stay this object's.
   *
   * @return the namespaces
   */
  public NamespaceSet namespaces() {
    return namespaces;
  }

  /** Ends the process, and with a PID namespace all others in that, and lets go of the others. */
  @Override
  public void close() {
    try {
      process.close();
    } finally {
      namespaces.close();
    }
  }
}
