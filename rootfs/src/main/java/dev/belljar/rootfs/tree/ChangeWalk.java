package dev.belljar.rootfs.tree;

import dev.belljar.linux.call.DirectoryCalls;
import dev.belljar.linux.call.FileDetails;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Collection;
import java.util.Deque;
import java.util.Iterator;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeSet;
import java.util.function.BooleanSupplier;

/**
 * Tells what the upper directory of an overlay changes in the lower ones, from what the kernel left
 * in it: whiteouts and opaque directories. Redirects and metadata-only copies there are none, as
 * they are switched off.
 */
public final class ChangeWalk {
  /** Is told the changes, a directory before what is in it. */
  public interface Visitor {
    /** A name that the lower directories have is gone. */
    void deleted(byte[] name);

    /**
     * A directory is new, or in the upper one too.
     *
     * @param upper the open directory it is in
     * @param name its name
     * @param details what it is
     * @param lower what the lower directories have of the name
     * @param hasOtherAttributes tells whether its extended attributes are others than there
     */
    void directory(
        int upper,
        byte[] name,
        FileDetails details,
        Optional<FileDetails> lower,
        BooleanSupplier hasOtherAttributes);

    /** The directory that was told last, and has not been left, is complete. */
    void left(int upper, byte[] name, FileDetails details);

    /** Anything but a directory is new, or was changed; see {@link #directory}. */
    void file(int upper, byte[] name, FileDetails details, Optional<FileDetails> lower);
  }

  private record Level(
      Iterator<DirectoryCalls.Entry> entries, boolean opaque, byte[] name, FileDetails details) {}

  private static final byte[] ITSELF = {};

  private final Place upper;
  private final LowerLayers lower;
  private final OverlayMarks marks;
  private final Visitor visitor;

  private ChangeWalk(Place upper, LowerLayers lower, OverlayMarks marks, Visitor visitor) {
    this.upper = upper;
    this.lower = lower;
    this.marks = marks;
    this.visitor = visitor;
  }

  /**
   * Walks.
   *
   * @param folder the folder that has the upper directory
   * @param lowers the paths of the lower directories, the topmost first
   * @param marks the overlay's marks
   * @param visitor is told
   */
  public static void walk(
      int folder, Collection<byte[]> lowers, OverlayMarks marks, Visitor visitor) {
    try (Place upper = Place.at(folder, new byte[] {'u', 'p', 'p', 'e', 'r'});
        LowerLayers lower = new LowerLayers(lowers, marks)) {
      new ChangeWalk(upper, lower, marks, visitor).walk();
    }
  }

  private void walk() {
    Deque<Level> levels = new ArrayDeque<>();
    levels.push(enter(false, ITSELF, FileDetails.of(upper.fd(), ITSELF).orElseThrow()));
    while (true) {
      Level level = levels.getFirst();
      if (level.entries().hasNext()) {
        byte[] name = level.entries().next().name();
        Optional<FileDetails> found = FileDetails.of(upper.fd(), name);
        if (found.isPresent() && tell(name, found.get())) {
          upper.down(name);
          lower.down(name);
          levels.push(enter(level.opaque(), name, found.get()));
        }
      } else {
        levels.pop();
        if (levels.isEmpty()) {
          return;
        }
        upper.up();
        lower.up();
        visitor.left(upper.fd(), level.name(), level.details());
      }
    }
  }

  /** Tells of an entry, and whether to go into it. */
  private boolean tell(byte[] name, FileDetails details) {
    Optional<FileDetails> below = lower.find(name);
    if (marks.isWhiteout(upper.fd(), name, details)) {
      if (below.isPresent()) {
        visitor.deleted(name);
      }
      return false;
    }
    if (details.isDirectory()) {
      visitor.directory(upper.fd(), name, details, below, () -> hasOtherAttributes(name));
      return true;
    }
    visitor.file(upper.fd(), name, details, below);
    return false;
  }

  private boolean hasOtherAttributes(byte[] name) {
    SortedMap<String, byte[]> mine = marks.attributes(upper.fd(), name);
    SortedMap<String, byte[]> below = lower.attributes(name);
    return !mine.keySet().equals(below.keySet())
        || mine.entrySet().stream()
            .anyMatch(each -> !Arrays.equals(each.getValue(), below.get(each.getKey())));
  }

  /** What is in an opaque directory hides everything below it, however deep. */
  private Level enter(boolean inOpaque, byte[] name, FileDetails details) {
    boolean opaque = inOpaque || marks.isOpaque(upper.fd());
    Iterable<DirectoryCalls.Entry> entries = upper.list();
    if (opaque) {
      Set<byte[]> gone = new TreeSet<>(Arrays::compareUnsigned);
      gone.addAll(lower.names());
      entries.forEach(entry -> gone.remove(entry.name()));
      gone.forEach(visitor::deleted);
    }
    return new Level(entries.iterator(), opaque, name, details);
  }
}
