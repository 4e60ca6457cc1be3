package dev.belljar.cgroups.hierarchy;

import dev.belljar.cgroups.tree.Backoff;
import dev.belljar.cgroups.tree.Undo;
import dev.belljar.linux.BytePath;
import dev.belljar.linux.Errno;
import dev.belljar.linux.LinuxException;
import dev.belljar.linux.call.MountCalls;
import dev.belljar.linux.uapi.Uapi;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A hierarchy that this program has mounted, until it is closed.
 *
 * {@snippet :
 * try (MountedHierarchy jobs = MountedHierarchy.named(BytePath.of("/mnt/jobs"), "jobs");
 *     CgroupDirectory root = CgroupDirectory.open(jobs.hierarchy(), jobs.mountPoint())) {
 *   root.create("night").close();
 * }
 * }
 *
 * <p>The mount is in the JVM's mount namespace, but a hierarchy is of the whole machine: mounting a
 * subsystem in a new version 1 hierarchy takes it away from version 2 everywhere, also in other
 * mount namespaces and containers, and gives it back only when the hierarchy ends. Only a process
 * in the machine's first cgroup namespace with CAP_SYS_ADMIN may make one.
 *
 * @see <a href="https://man7.org/linux/man-pages/man7/cgroups.7.html">cgroups(7)</a>
 */
public final class MountedHierarchy implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final Duration USUAL = Duration.ofMillis(100);
  private static final Pattern NAME = Pattern.compile("[\\w.-]{1,63}");

  /** The open ones of this JVM, by the number of the hierarchy. */
  private static final Map<Integer, Uses> USES = new HashMap<>();

  /** How often a hierarchy is mounted by this JVM, and whether it was made by that. */
  private record Uses(int count, boolean isMade) {
    Uses and(Uses more) {
      return new Uses(count + more.count, isMade || more.isMade);
    }
  }

  private final BytePath mountPoint;
  private final String type;
  private final String options;
  private final Hierarchy hierarchy;
  private boolean unmounted;

  private MountedHierarchy(BytePath mountPoint, String type, String options, Hierarchy hierarchy) {
    this.mountPoint = mountPoint;
    this.type = type;
    this.options = options;
    this.hierarchy = hierarchy;
  }

  private static void enter(int id, boolean isNew) {
    synchronized (USES) {
      USES.merge(id, new Uses(1, isNew), Uses::and);
    }
  }

  /** Tells whether this was the last mount of a hierarchy that this JVM has made. */
  private static boolean leave(int id) {
    synchronized (USES) {
      Uses left = USES.merge(id, new Uses(-1, false), Uses::and);
      if (left.count == 0) {
        USES.remove(id);
      }
      return left.count == 0 && left.isMade;
    }
  }

  private static boolean isUsed(int id) {
    synchronized (USES) {
      return USES.containsKey(id);
    }
  }

  /**
   * Mounts a version 1 hierarchy with some subsystems. When there is one with exactly these, it is
   * mounted once more.
   *
   * @param at an existing directory
   * @param subsystems at least one, each {@linkplain SubsystemStatus#isFreeToMount free to mount}
   *     unless the hierarchy is there
   * @return the hierarchy
   * @throws IllegalArgumentException when no subsystem is given
   * @throws LinuxException when the kernel refuses: EBUSY when one is on another hierarchy or in
   *     use on version 2, EPERM without privilege or in a cgroup namespace
   */
  public static MountedHierarchy v1(BytePath at, Set<Subsystem> subsystems) {
    if (subsystems.isEmpty()) {
      throw new IllegalArgumentException("a version 1 hierarchy needs a subsystem or a name");
    }
    return mount(at, "cgroup", options(subsystems));
  }

  /**
   * Mounts a version 1 hierarchy that only groups processes, with a name and no subsystem. When
   * there is one of the name, it is mounted once more.
   *
   * @param at an existing directory
   * @param name letters, digits, {@code .}, {@code -} and {@code _}, 63 at most
   * @return the hierarchy
   * @throws IllegalArgumentException when the name is not of that form
   * @throws LinuxException when the kernel refuses: EPERM without privilege or in a cgroup
   *     namespace
   */
  public static MountedHierarchy named(BytePath at, String name) {
    return mount(at, "cgroup", "none,name=" + checked(name));
  }

  /**
   * Mounts a version 1 hierarchy with a name and some subsystems; as {@link #v1} and {@link
   * #named(BytePath, String)}.
   *
   * @param at an existing directory
   * @param name letters, digits, {@code .}, {@code -} and {@code _}, 63 at most
   * @param subsystems at least one
   * @return the hierarchy
   * @throws IllegalArgumentException when the name is not of that form, or no subsystem is given
   * @throws LinuxException as {@link #v1} says
   */
  public static MountedHierarchy named(BytePath at, String name, Set<Subsystem> subsystems) {
    if (subsystems.isEmpty()) {
      throw new IllegalArgumentException("no subsystem is given for the hierarchy " + name);
    }
    return mount(at, "cgroup", options(subsystems) + ",name=" + checked(name));
  }

  /**
   * Mounts version 2, of which there is one tree on a machine; what is seen is the part below the
   * root of the JVM's cgroup namespace.
   *
   * @param at an existing directory
   * @return the hierarchy
   * @throws LinuxException when the kernel refuses: EPERM without privilege
   */
  public static MountedHierarchy v2(BytePath at) {
    return mount(at, "cgroup2", "");
  }

  private static String options(Set<Subsystem> subsystems) {
    return subsystems.stream().sorted().map(Subsystem::v1Name).collect(Collectors.joining(","));
  }

  private static String checked(String name) {
    if (!NAME.matcher(name).matches()) {
      throw new IllegalArgumentException("not the name of a hierarchy: \"" + name + "\"");
    }
    return name;
  }

  private static MountedHierarchy mount(BytePath at, String type, String options) {
    BytePath place = real(at);
    Set<Integer> before = ids().collect(Collectors.toSet());
    mountAt(place, type, options);
    try {
      CgroupLayout.forget();
      Hierarchy mounted = mountedAt(place);
      boolean isNew = mounted.version() == CgroupVersion.V1 && !before.contains(mounted.id());
      enter(mounted.id(), isNew);
      return new MountedHierarchy(place, type, options, mounted);
    } catch (RuntimeException | Error e) {
      Undo.after(e, () -> MountCalls.unmount(place, 0));
      throw e;
    }
  }

  private static void mountAt(BytePath place, String type, String options) {
    int flags = Uapi.MS_NOSUID() | Uapi.MS_NODEV() | Uapi.MS_NOEXEC();
    try {
      MountCalls.mount(type, place, type, flags, options);
    } catch (LinuxException e) {
      throw remedied(e).doing("mounting a hierarchy at " + place);
    }
  }

  private static LinuxException remedied(LinuxException e) {
    return switch (e.error().orElse(Errno.EIO)) {
      case EPERM ->
          e.withRemedy(
              "only a process with CAP_SYS_ADMIN in the machine's first cgroup namespace may make a"
                  + " hierarchy");
      case EBUSY ->
          e.withRemedy(
              "a subsystem is on another version 1 hierarchy or enabled in groups of version 2, or"
                  + " the hierarchy is mounted there already; /proc/cgroups lists where each is");
      case EINVAL, ENOENT ->
          e.withRemedy("the kernel has no such subsystem, or it was disabled at boot");
      default -> e;
    };
  }

  private static BytePath real(BytePath at) {
    try {
      return BytePath.of(at.toPath().toRealPath());
    } catch (IOException e) {
      throw new UncheckedIOException("no directory to mount at: " + at, e);
    }
  }

  private static Hierarchy mountedAt(BytePath place) {
    return CgroupLayout.read().hierarchies().stream()
        .flatMap(each -> at(each, place))
        .findFirst()
        .orElseThrow(() -> new IllegalStateException("nothing is seen at " + place));
  }

  // With this mount first, as the paths of its groups are to begin there.
  private static Stream<Hierarchy> at(Hierarchy hierarchy, BytePath place) {
    return hierarchy.mounts().stream()
        .filter(mount -> mount.point().equals(place))
        .map(mount -> hierarchy.seenAt(mount));
  }

  private static Stream<Integer> ids() {
    return Membership.of("self").stream().map(Membership::id);
  }

  /**
   * Returns the hierarchy, seen at this mount point.
   *
   * @return the hierarchy; its first mount is this one
   */
  public Hierarchy hierarchy() {
    return hierarchy;
  }

  /**
   * Returns where it is mounted.
   *
   * @return an absolute path without links
   */
  public BytePath mountPoint() {
    return mountPoint;
  }

  /**
   * Unmounts it; once more does nothing.
   *
   * <p>A version 1 hierarchy ends with its last mount if it has no groups. The kernel does not end
   * it while a removed group lingers, and does not try again: so the last mount of one that this
   * JVM has made waits until it is gone from {@code /proc/cgroups}, and mounts and unmounts it
   * again when that takes long, for up to 10 seconds.
   *
   * @throws LinuxException EBUSY when files or the current folder of a process are in it, and then
   *     it stays mounted; EBUSY too when it is unmounted but lives on, since there are groups in it
   *     or it is mounted elsewhere
   */
  public synchronized void unmount() {
    if (unmounted) {
      return;
    }
    detach();
    unmounted = true;
    CgroupLayout.forget();
    int id = hierarchy.id();
    if (!leave(id)) {
      return;
    }
    Backoff patience = new Backoff(PATIENCE);
    while (!endsSoon(id) && !isUsed(id)) { // by one that was opened meanwhile
      if (!patience.pause()) {
        throw new LinuxException(
            Errno.EBUSY.number(),
            "umount2",
            "ending " + hierarchy,
            "there are groups in it, or it is mounted elsewhere too");
      }
      id = mountAgain();
    }
  }

  /** Mounts and unmounts it once more; tells its number, another one if it ended meanwhile. */
  private int mountAgain() {
    MountCalls.mount(type, mountPoint, type, 0, options);
    int id;
    try {
      id = mountedAt(mountPoint).id();
    } catch (RuntimeException | Error e) {
      Undo.after(e, this::detach);
      throw e;
    }
    detach();
    return id;
  }

  private void detach() {
    try {
      MountCalls.unmount(mountPoint, 0);
    } catch (LinuxException e) {
      throw e.is(Errno.EBUSY)
          ? e.doing("unmounting " + hierarchy)
              .withRemedy("a file in it is open, or it is the current folder of a process")
          : e.doing("unmounting " + hierarchy);
    }
  }

  private static boolean endsSoon(int id) {
    Backoff usual = new Backoff(USUAL);
    do {
      if (ids().noneMatch(each -> each == id)) {
        return true;
      }
    } while (usual.pause());
    return false;
  }

  /** Unmounts it; see {@link #unmount}. */
  @Override
  public void close() {
    unmount();
  }

  /** Describes the hierarchy. */
  @Override
  public String toString() {
    return hierarchy.toString();
  }
}
