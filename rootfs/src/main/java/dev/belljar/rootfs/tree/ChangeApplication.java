package dev.belljar.rootfs.tree;

import dev.belljar.linux.call.DirectoryCalls;
import dev.belljar.linux.call.FileDetails;
import dev.belljar.linux.call.NodeCalls;
import dev.belljar.linux.syscall.Syscall;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/**
 * Makes the changes of an upper directory in another tree, such as a copy of the lower one. No link
 * in either tree is followed: where the upper has a directory, the target gets one.
 */
public final class ChangeApplication implements ChangeWalk.Visitor, AutoCloseable {
  private static final int FOR_OWNER = 0700;

  /** A file's number, by which its other names are known. */
  private record Identity(long device, long inode) {}

  private final Place target;
  private final NodeCopy copy;
  private final Map<Identity, byte[][]> linked = new HashMap<>();
  private final Deque<byte[]> path = new ArrayDeque<>();
  private final int top;

  /**
   * Begins.
   *
   * @param tree the path of the tree's directory
   * @param marks attributes that are not copied
   */
  public ChangeApplication(byte[] tree, OverlayMarks marks) {
    this.target = Place.at(Syscall.AT_FDCWD, tree);
    this.top = target.depth();
    this.copy = new NodeCopy(marks::isMark);
  }

  @Override
  public void deleted(byte[] name) {
    TreeRemoval.remove(target.fd(), name);
  }

  @Override
  public void directory(
      int upper,
      byte[] name,
      FileDetails details,
      Optional<FileDetails> lower,
      BooleanSupplier hasOtherAttributes) {
    Optional<FileDetails> there = FileDetails.of(target.fd(), name);
    if (there.isPresent() && !there.get().isDirectory()) {
      TreeRemoval.remove(target.fd(), name);
    }
    if (there.filter(FileDetails::isDirectory).isEmpty()) {
      DirectoryCalls.make(target.fd(), name, FOR_OWNER);
    }
    target.down(name);
    path.addLast(name);
  }

  @Override
  public void left(int upper, byte[] name, FileDetails details) {
    target.up();
    path.removeLast();
    copy.properties(upper, name, details, target.fd());
  }

  @Override
  public void file(int upper, byte[] name, FileDetails details, Optional<FileDetails> lower) {
    TreeRemoval.remove(target.fd(), name);
    Identity identity = new Identity(details.device(), details.inode());
    byte[][] first = linked.get(identity);
    if (details.links() > 1 && first != null && link(first, name)) {
      return;
    }
    copy.file(upper, name, details, target.fd());
    if (details.links() > 1) {
      byte[][] whole = new byte[path.size() + 1][];
      Iterator<byte[]> names = path.iterator();
      for (int i = 0; i < path.size(); i++) {
        whole[i] = names.next();
      }
      whole[path.size()] = name;
      linked.put(identity, whole);
    }
  }

  private boolean link(byte[][] first, byte[] name) {
    try (Place other = Place.at(target.fd(), new byte[] {'.'})) {
      for (int i = target.depth(); i > top; i--) {
        ascend(other);
      }
      int entered = 0;
      try {
        for (byte[] each : Arrays.copyOf(first, first.length - 1)) {
          other.down(each);
          entered++;
        }
        NodeCalls.link(other.fd(), first[first.length - 1], target.fd(), name);
        return true;
      } finally {
        for (; entered > 0; entered--) {
          other.up(); // which closes directories again that their permissions close
        }
      }
    }
  }

  private static void ascend(Place place) {
    place.down(new byte[] {'.', '.'});
  }

  @Override
  public void close() {
    target.close();
  }
}
