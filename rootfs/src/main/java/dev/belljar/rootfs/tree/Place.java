package dev.belljar.rootfs.tree;

import dev.belljar.linux.Descriptor;
import dev.belljar.linux.Errno;
import dev.belljar.linux.LinuxException;
import dev.belljar.linux.call.DirectoryCalls;
import dev.belljar.linux.call.FileCalls;
import dev.belljar.linux.call.FileDetails;
import dev.belljar.linux.call.NodeCalls;
import dev.belljar.linux.call.OpenFlags;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.function.Function;

/**
 * A directory in a tree, from where one goes down by names and up again, as deep as the tree is:
 * one descriptor is open at any depth, and no path is ever longer than a name.
 *
 * <p>On the way up it is checked that {@code ..} is the directory that was come from. A directory
 * of this user that forbids itself to him is opened for as long as he is in it.
 */
public final class Place implements AutoCloseable {
  private static final int FLAGS =
      OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY | OpenFlags.O_NOFOLLOW;
  private static final byte[] UP = {'.', '.'};
  private static final byte[] ITSELF = {};
  private static final int FOR_OWNER = 0700;
  private static final int NOTHING_TO_RESTORE = -1;

  private record Level(long device, long inode, byte[] name, int modeToRestore) {}

  private final Deque<Level> above = new ArrayDeque<>();
  private Descriptor here;

  private Place(Descriptor here) {
    this.here = here;
  }

  /**
   * Begins at a directory.
   *
   * @param dirfd what a relative path starts at
   * @param path the directory; its last name must not be a link
   * @throws LinuxException when it cannot be opened
   */
  public static Place at(int dirfd, byte[] path) {
    return new Place(FileCalls.open(dirfd, path, FLAGS, 0));
  }

  /** The directory's descriptor, until the next move. */
  public int fd() {
    return here.number();
  }

  /** How many directories it is below where it began. */
  public int depth() {
    return above.size();
  }

  /** What is in it, sorted by name. */
  public List<DirectoryCalls.Entry> list() {
    List<DirectoryCalls.Entry> entries = DirectoryCalls.list(fd());
    return entries.stream()
        .sorted(
            Comparator.comparing(
                (Function<DirectoryCalls.Entry, byte[]>) DirectoryCalls.Entry::name,
                Arrays::compareUnsigned))
        .toList();
  }

  /**
   * Goes into a directory that is in this one.
   *
   * @param name its name
   * @throws LinuxException when it cannot be entered; the place has not changed then
   */
  public void down(byte[] name) {
    FileDetails mine = FileDetails.of(fd(), ITSELF).orElseThrow();
    int restore = NOTHING_TO_RESTORE;
    Descriptor below;
    try {
      below = FileCalls.open(fd(), name, FLAGS, 0);
      if (!mayEnter(below)) {
        restore = open(below, name);
      }
    } catch (LinuxException e) {
      if (!e.is(Errno.EACCES)) {
        throw e;
      }
      FileDetails closed = FileDetails.of(fd(), name).orElseThrow(() -> e);
      try {
        NodeCalls.changeMode(fd(), name, closed.mode() | FOR_OWNER);
      } catch (LinuxException refused) {
        throw e;
      }
      restore = closed.mode();
      below = FileCalls.open(fd(), name, FLAGS, 0);
    }
    above.push(new Level(mine.device(), mine.inode(), name, restore));
    here.close();
    here = below;
  }

  // Names in a directory are looked up with the right to execute it, each time.
  private static boolean mayEnter(Descriptor directory) {
    try {
      return FileDetails.of(directory.number(), new byte[] {'.'}).isPresent();
    } catch (LinuxException e) {
      return false;
    }
  }

  private int open(Descriptor directory, byte[] name) {
    FileDetails closed = FileDetails.of(directory.number(), ITSELF).orElseThrow();
    NodeCalls.changeMode(fd(), name, closed.mode() | FOR_OWNER);
    return closed.mode();
  }

  /**
   * Goes back to the directory that this one was entered from.
   *
   * @return the name of the one that was left
   * @throws LinuxException ESTALE when it was moved meanwhile
   */
  public byte[] up() {
    Level level = above.pop();
    Descriptor upper = FileCalls.open(fd(), UP, FLAGS, 0);
    here.close();
    here = upper;
    FileDetails details = FileDetails.of(fd(), ITSELF).orElseThrow();
    if (details.device() != level.device() || details.inode() != level.inode()) {
      throw new LinuxException(
          Errno.ESTALE.number(),
          "openat(.., \"..\")",
          "walking through a tree",
          "somebody moved it");
    }
    if (level.modeToRestore() != NOTHING_TO_RESTORE
        && FileDetails.of(fd(), level.name()).isPresent()) {
      NodeCalls.changeMode(fd(), level.name(), level.modeToRestore());
    }
    return level.name();
  }

  /** Ends the walk, wherever it is; what was opened on the way there is as before. */
  @Override
  public void close() {
    try {
      while (above.stream().anyMatch(level -> level.modeToRestore() != NOTHING_TO_RESTORE)) {
        up();
      }
    } catch (LinuxException moved) {
      // somebody has moved it, or taken away the right to go there
    } finally {
      here.close();
    }
  }
}
