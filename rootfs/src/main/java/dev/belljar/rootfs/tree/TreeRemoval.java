package dev.belljar.rootfs.tree;

import dev.belljar.linux.Errno;
import dev.belljar.linux.LinuxException;
import dev.belljar.linux.call.DirectoryCalls;
import dev.belljar.linux.call.FileDetails;
import dev.belljar.linux.call.NodeCalls;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;

/** Removes trees of files, of any depth and with any names, without following a link. */
public final class TreeRemoval {
  private TreeRemoval() {}

  /**
   * Removes a file or a directory with all that is in it.
   *
   * @param dirfd the directory it is in
   * @param name its name
   * @throws LinuxException when something cannot be removed; what could be is gone
   */
  public static void remove(int dirfd, byte[] name) {
    FileDetails details = FileDetails.of(dirfd, name).orElse(null);
    if (details == null) {
      return;
    }
    if (!details.isDirectory()) {
      DirectoryCalls.unlink(dirfd, name);
      return;
    }
    openToOwner(dirfd, name, details);
    try (Place place = Place.at(dirfd, name)) {
      empty(place);
    }
    DirectoryCalls.remove(dirfd, name);
  }

  // A directory need not be readable to be removed by its owner.
  private static void openToOwner(int dirfd, byte[] name, FileDetails details) {
    if ((details.mode() & 0700) != 0700) {
      try {
        NodeCalls.changeMode(dirfd, name, details.mode() | 0700);
      } catch (LinuxException e) {
        if (!e.is(Errno.EPERM)) {
          throw e;
        }
      }
    }
  }

  private static void empty(Place place) {
    Deque<Iterator<DirectoryCalls.Entry>> levels = new ArrayDeque<>();
    levels.push(place.list().iterator());
    while (true) {
      Iterator<DirectoryCalls.Entry> entries = levels.getFirst();
      if (entries.hasNext()) {
        byte[] name = entries.next().name();
        if (isRemovedAtOnce(place.fd(), name)) {
          continue;
        }
        openToOwner(place.fd(), name, FileDetails.of(place.fd(), name).orElseThrow());
        place.down(name);
        levels.push(place.list().iterator());
      } else {
        levels.pop();
        if (levels.isEmpty()) {
          return;
        }
        byte[] name = place.up();
        DirectoryCalls.remove(place.fd(), name);
      }
    }
  }

  private static boolean isRemovedAtOnce(int dirfd, byte[] name) {
    try {
      DirectoryCalls.unlink(dirfd, name);
      return true;
    } catch (LinuxException e) {
      if (!e.is(Errno.EISDIR) && !e.is(Errno.EPERM)) {
        throw e;
      }
    }
    try {
      DirectoryCalls.remove(dirfd, name);
      return true;
    } catch (LinuxException e) {
      if (!e.is(Errno.ENOTEMPTY) && !e.is(Errno.EACCES)) {
        throw e;
      }
      return false;
    }
  }
}
