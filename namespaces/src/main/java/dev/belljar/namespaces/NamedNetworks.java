package dev.belljar.namespaces;

import dev.belljar.linux.BytePath;
import dev.belljar.linux.Descriptor;
import dev.belljar.linux.Errno;
import dev.belljar.linux.LinuxException;
import dev.belljar.linux.call.DirectoryCalls;
import dev.belljar.linux.call.LockCalls;
import dev.belljar.linux.call.MountCalls;
import dev.belljar.linux.syscall.Syscall;
import dev.belljar.linux.uapi.Uapi;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * The network namespaces that have a name, shared with {@code ip netns}: what either makes, the
 * other lists, opens and deletes.
 *
 * <p>They are files below {@code /run/netns}, which is set up exactly as iproute2 does it. All of
 * this needs root.
 *
 * {@snippet :
 * NamedNetworks.add("blue"); // ip netns add blue
 * try (Namespace blue = NamedNetworks.open("blue")) {
 *   Container.builder().join(blue).start();
 * }
 * NamedNetworks.delete("blue");
 * }
 *
 * @see <a href="https://man7.org/linux/man-pages/man8/ip-netns.8.html">ip-netns(8)</a>
 */
public final class NamedNetworks {
  private static final BytePath DIRECTORY = BytePath.of("/run/netns");
  private static final int DIRECTORY_MODE = 0755;

  private NamedNetworks() {}

  /**
   * Makes a new network namespace with a name; its {@code lo} is down.
   *
   * @param name a file name
   * @throws LinuxException EEXIST when the name is taken, EPERM without root
   */
  public static void add(String name) {
    try (NamespaceSet made = NewNamespaces.of(NamespaceType.NET).create()) {
      attach(name, made.get(NamespaceType.NET));
    }
  }

  /**
   * Gives a network namespace a name, as {@code ip netns attach} does.
   *
   * @param name a file name
   * @param namespace the namespace, which stays the caller's
   * @throws LinuxException EEXIST when the name is taken, EPERM without root
   * @throws IllegalArgumentException when it is of another kind
   */
  public static void attach(String name, Namespace namespace) {
    if (namespace.type() != NamespaceType.NET) {
      throw new IllegalArgumentException("only NET namespaces have names, not " + namespace);
    }
    BytePath file = file(name);
    try {
      prepareDirectory();
      KeptFile.bindTo(file, namespace.descriptor());
    } catch (LinuxException e) {
      throw explained(e.doing("naming the network namespace " + name));
    }
  }

  /**
   * Opens a namespace by its name.
   *
   * @param name the name
   * @return the namespace, to be closed
   * @throws LinuxException ENOENT when there is none
   */
  public static Namespace open(String name) {
    return Namespace.open(file(name));
  }

  /**
   * Lists the names there are.
   *
   * @return the names, sorted
   * @throws LinuxException when the directory cannot be read
   */
  public static List<String> list() {
    try (Descriptor directory = DirectoryCalls.open(Syscall.AT_FDCWD, DIRECTORY.toString())) {
      return DirectoryCalls.list(directory.number()).stream()
          .map(entry -> new String(entry.name(), StandardCharsets.UTF_8))
          .sorted()
          .toList();
    } catch (LinuxException e) {
      if (e.is(Errno.ENOENT)) {
        return List.of();
      }
      throw e;
    }
  }

  /**
   * Takes the name away; the namespace ends when nothing else holds it.
   *
   * @param name the name
   * @throws LinuxException ENOENT when there is none, EPERM without root
   */
  public static void delete(String name) {
    try {
      KeptFile.unbind(file(name));
    } catch (LinuxException e) {
      throw explained(e.doing("deleting the network namespace " + name));
    }
  }

  private static BytePath file(String name) {
    if (name.isEmpty() || name.contains("/") || name.equals(".") || name.equals("..")) {
      throw new IllegalArgumentException("not a file name: '" + name + "'");
    }
    return DIRECTORY.resolve(name);
  }

  // The directory is a mount of its own, recursively shared, so that names made or deleted in one
  // mount namespace are so in all. The lock is the one that ip takes.
  private static void prepareDirectory() {
    try {
      DirectoryCalls.make(Syscall.AT_FDCWD, DIRECTORY.bytes(), DIRECTORY_MODE);
    } catch (LinuxException e) {
      if (!e.is(Errno.EEXIST)) {
        throw e;
      }
    }
    try (var _ = LockCalls.lockDirectory(DIRECTORY.bytes())) {
      if (!share()) {
        int bind = Uapi.MS_BIND() | Uapi.MS_REC();
        MountCalls.mount(DIRECTORY.toString(), DIRECTORY, "none", bind, "");
        MountCalls.mount("", DIRECTORY, "none", Uapi.MS_SHARED() | Uapi.MS_REC(), "");
      }
    }
  }

  private static boolean share() {
    try {
      MountCalls.mount("", DIRECTORY, "none", Uapi.MS_SHARED() | Uapi.MS_REC(), "");
      return true;
    } catch (LinuxException e) {
      if (e.is(Errno.EINVAL)) { // it is not a mount point yet
        return false;
      }
      throw e;
    }
  }

  private static LinuxException explained(LinuxException failure) {
    return failure.is(Errno.EPERM)
        ? failure.withRemedy("names of network namespaces are root's")
        : failure;
  }
}
