package dev.belljar.namespaces;

import dev.belljar.linux.BytePath;
import dev.belljar.linux.Errno;
import dev.belljar.linux.LinuxException;
import dev.belljar.linux.MountInfo;
import dev.belljar.linux.call.FileCalls;
import dev.belljar.linux.syscall.Syscall;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The namespaces of this machine. */
public final class Namespaces {
  private static final Pattern NAMESPACE_FILE = Pattern.compile("([a-z]+):\\[(\\d+)]");

  private record Key(NamespaceType type, long inode) {}

  private record Found(List<Long> processes, List<BytePath> files) {
    private Found() {
      this(new ArrayList<>(), new ArrayList<>());
    }
  }

  private Namespaces() {}

  /**
   * Finds every namespace that a process is in or that is bound to a file, as lsns(8) does. What is
   * held by an open descriptor alone is not found, nor what is in a process that this user may not
   * look into.
   *
   * @return the namespaces, by kind and number
   * @throws LinuxException when /proc cannot be read
   * @see <a href="https://man7.org/linux/man-pages/man8/lsns.8.html">lsns(8)</a>
   */
  public static List<NamespaceInfo> all() {
    Map<Key, Found> found = new HashMap<>();
    try (ProcessScan scan = new ProcessScan()) {
      for (long process : scan.processes()) {
        for (NamespaceType type : NamespaceType.values()) {
          scan.namespace(process, type)
              .ifPresent(namespace -> at(found, type, namespace.inode()).processes().add(process));
        }
      }
    }
    for (MountInfo mount : mounts()) {
      if (mount.type().equals("nsfs")) {
        Matcher name = NAMESPACE_FILE.matcher(mount.root().toString());
        if (name.matches()) {
          NamespaceType.ofFileName(name.group(1))
              .ifPresent(type ->
                  at(found, type, Long.parseLong(name.group(2))).files().add(mount.mountPoint()));
        }
      }
    }
    return found.entrySet().stream()
        .map(entry ->
            new NamespaceInfo(
                entry.getKey().type(),
                entry.getKey().inode(),
                entry.getValue().processes(),
                entry.getValue().files()))
        .sorted(Comparator.comparing(NamespaceInfo::type).thenComparingLong(NamespaceInfo::inode))
        .toList();
  }

  /**
   * Runs code on a new thread that has new namespaces, which end with it; see {@link
   * Namespace#call} for what such code must not do.
   *
   * @param code the code
   * @param types the kinds
   * @param <T> what it returns
   * @return what it returned
   * @throws ThreadLeftInsideException when a thread is still inside afterwards
   * @throws UnsupportedOperationException when PID, TIME or USER is among the kinds, which a thread
   *     cannot have of its own
   * @throws LinuxException EPERM for an ordinary user
   * @throws Exception what the code threw
   * @see <a href="https://man7.org/linux/man-pages/man2/unshare.2.html">unshare(2)</a>
   */
  public static <T> T unshare(Callable<T> code, NamespaceType... types) throws Exception {
    return ThreadNamespaces.unshare(code, types);
  }

  private static Found at(Map<Key, Found> found, NamespaceType type, long inode) {
    return found.computeIfAbsent(new Key(type, inode), _ -> new Found());
  }

  /** Returns the mounts that this JVM sees. */
  static List<MountInfo> mounts() {
    return MountInfo.parse(FileCalls.readFile(Syscall.AT_FDCWD, "/proc/self/mountinfo"));
  }

  /** Opens a namespace that may be gone, or another one by now. */
  static Optional<Namespace> attempt(Supplier<Namespace> open, long inode) {
    Namespace namespace;
    try {
      namespace = open.get();
    } catch (LinuxException e) {
      if (e.is(Errno.ENOENT) || e.is(Errno.ESRCH)) {
        return Optional.empty();
      }
      throw e;
    } catch (IllegalArgumentException noNamespace) {
      return Optional.empty();
    }
    if (namespace.inode() == inode) {
      return Optional.of(namespace);
    }
    namespace.close();
    return Optional.empty();
  }
}
