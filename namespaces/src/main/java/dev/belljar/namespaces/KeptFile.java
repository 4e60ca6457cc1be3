package dev.belljar.namespaces;

import dev.belljar.linux.BytePath;
import dev.belljar.linux.Descriptor;
import dev.belljar.linux.Errno;
import dev.belljar.linux.LinuxException;
import dev.belljar.linux.MountInfo;
import dev.belljar.linux.call.Closing;
import dev.belljar.linux.call.DirectoryCalls;
import dev.belljar.linux.call.FileCalls;
import dev.belljar.linux.call.LockCalls;
import dev.belljar.linux.call.MountCalls;
import dev.belljar.linux.call.OpenFlags;
import dev.belljar.linux.syscall.Syscall;
import dev.belljar.linux.uapi.Uapi;
import java.util.List;

/**
 * A file that a namespace is bound to, in a directory on a private tmpfs of ours.
 *
 * <p>Private, because a mount below a shared one is copied into every mount namespace that is a
 * slave of this one, and holds the namespace there. Mount namespaces made later get a copy all the
 * same; it goes with the file: unlinking detaches whatever is mounted on it elsewhere.
 *
 * @see <a
 *     href="https://www.kernel.org/doc/html/latest/filesystems/sharedsubtree.html">sharedsubtree</a>
 */
final class KeptFile {
  private static final int MNT_DETACH = 2;
  private static final int DIRECTORY_MODE = 0755;

  /** What our tmpfs is mounted as; the second one says that its mount point was made for it. */
  private static final String OURS = "belljar-namespaces";

  private static final String OURS_AND_DIRECTORY = "belljar-namespaces-made";

  private final BytePath file;
  private final BytePath directory;

  private KeptFile(BytePath file) {
    this.file = file;
    this.directory =
        file.parent()
            .filter(parent -> file.isAbsolute() && parent.length() > 1)
            .orElseThrow(() ->
                new IllegalArgumentException(
                    "a namespace is kept in a file of a directory of its own, such as"
                        + " /run/belljar/name, not "
                        + file));
  }

  static KeptFile at(BytePath file) {
    return new KeptFile(file);
  }

  /** Binds a namespace to the file, which must not exist. */
  void bind(Descriptor namespace) {
    try (var _ = lock()) {
      prepareDirectory();
      try {
        bindTo(file, namespace);
      } catch (RuntimeException | Error failure) {
        Closing.after(failure, this::removeDirectoryIfUnused);
        throw failure;
      }
    } catch (LinuxException e) {
      throw explained(e.doing("keeping a namespace at " + file));
    }
  }

  /** Makes a file and binds a namespace to it. */
  static void bindTo(BytePath file, Descriptor namespace) {
    int create = OpenFlags.O_RDONLY | OpenFlags.O_CREAT | OpenFlags.O_EXCL;
    FileCalls.open(Syscall.AT_FDCWD, file.bytes(), create, 0).close();
    try {
      String source = "/proc/self/fd/" + namespace.number();
      MountCalls.mount(source, file, "none", Uapi.MS_BIND(), "");
    } catch (RuntimeException | Error failure) {
      Closing.after(failure, () -> DirectoryCalls.unlink(Syscall.AT_FDCWD, file.bytes()));
      throw failure;
    }
  }

  /** Takes a namespace off its file and removes that: always both. */
  static void unbind(BytePath file) {
    LinuxException failure = null;
    try {
      MountCalls.unmount(file, MNT_DETACH);
    } catch (LinuxException e) {
      if (!e.is(Errno.EINVAL)) { // else nothing is mounted there
        failure = e;
      }
    }
    try {
      DirectoryCalls.unlink(Syscall.AT_FDCWD, file.bytes());
    } catch (LinuxException e) {
      failure = Closing.first(failure, e);
    }
    if (failure != null) {
      throw failure;
    }
  }

  /** Undoes {@link #bind}. */
  void release() {
    try (var _ = lock()) {
      if (ours().isEmpty()) {
        throw new IllegalArgumentException(file + " is not where a namespace was kept");
      }
      unbind(file);
      removeDirectoryIfUnused();
    } catch (LinuxException e) {
      throw explained(e.doing("releasing the namespace at " + file));
    }
  }

  private static LinuxException explained(LinuxException failure) {
    return failure.is(Errno.EPERM)
        ? failure.withRemedy(
            "binding a namespace to a file needs CAP_SYS_ADMIN; an ordinary user can hold it by its"
                + " handle, or by a container without a command")
        : failure;
  }

  // Several JVMs may keep namespaces in the same place at once.
  private Descriptor lock() {
    BytePath above = directory.parent().orElseThrow();
    return LockCalls.lockDirectory(above.bytes());
  }

  private void prepareDirectory() {
    if (!ours().isEmpty()) {
      return;
    }
    boolean made = makeDirectory();
    try {
      if (!made && !isEmpty()) {
        throw new IllegalArgumentException(
            directory + " holds other files, which keeping a namespace there would hide");
      }
      String source = made ? OURS_AND_DIRECTORY : OURS;
      int flags = Uapi.MS_NOSUID() | Uapi.MS_NODEV() | Uapi.MS_NOEXEC();
      MountCalls.mount(source, directory, "tmpfs", flags, "mode=0755,size=64k");
    } catch (RuntimeException | Error failure) {
      if (made) {
        Closing.after(failure, () -> DirectoryCalls.remove(Syscall.AT_FDCWD, directory.bytes()));
      }
      throw failure;
    }
    try {
      MountCalls.mount("none", directory, "none", Uapi.MS_PRIVATE(), "");
    } catch (RuntimeException | Error failure) {
      Closing.after(failure, this::removeDirectoryIfUnused);
      throw failure;
    }
  }

  private boolean makeDirectory() {
    try {
      DirectoryCalls.make(Syscall.AT_FDCWD, directory.bytes(), DIRECTORY_MODE);
      return true;
    } catch (LinuxException e) {
      if (e.is(Errno.EEXIST)) {
        return false;
      }
      throw e;
    }
  }

  private boolean isEmpty() {
    int flags = OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY;
    try (Descriptor open = FileCalls.open(Syscall.AT_FDCWD, directory.bytes(), flags, 0)) {
      return DirectoryCalls.list(open.number()).isEmpty();
    }
  }

  private List<MountInfo> ours() {
    return Namespaces.mounts().stream()
        .filter(mount -> mount.mountPoint().equals(directory) && mount.type().equals("tmpfs"))
        .filter(mount -> mount.source().toString().startsWith(OURS))
        .toList();
  }

  private void removeDirectoryIfUnused() {
    List<MountInfo> ours = ours();
    if (ours.isEmpty() || !isEmpty()) {
      return;
    }
    MountCalls.unmount(directory, MNT_DETACH);
    if (ours.getLast().source().toString().equals(OURS_AND_DIRECTORY)) {
      DirectoryCalls.remove(Syscall.AT_FDCWD, directory.bytes());
    }
  }
}
