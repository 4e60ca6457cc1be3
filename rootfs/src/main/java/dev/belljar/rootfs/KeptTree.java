package dev.belljar.rootfs;

import dev.belljar.linux.BytePath;
import dev.belljar.linux.Descriptor;
import dev.belljar.linux.LinuxException;
import dev.belljar.linux.call.Closing;
import dev.belljar.linux.call.DirectoryCalls;
import dev.belljar.linux.call.FileCalls;
import dev.belljar.linux.call.OpenFlags;
import dev.belljar.linux.syscall.Syscall;
import dev.belljar.linux.syscall.SyscallNumber;
import dev.belljar.rootfs.tree.TreeKeeper;
import dev.belljar.rootfs.tree.TreeMaker;
import dev.belljar.rootfs.tree.TreeRemoval;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * An {@link InputTree} that has been made in memory and can be the root of any number of
 * containers, one after the other or at once: {@link Rootfs#kept(KeptTree)}.
 *
 * <p>A process of a few kilobytes keeps it. Containers that use it go on when it is closed; its
 * memory is freed in the background once nobody does.
 */
public final class KeptTree implements AutoCloseable {
  private final TreeKeeper keeper;
  private InputTree tree;
  private boolean isBroken;

  private KeptTree(TreeKeeper keeper, InputTree tree) {
    this.keeper = keeper;
    this.tree = tree;
  }

  static KeptTree of(InputTree tree) {
    return of(tree, 0);
  }

  static KeptTree of(InputTree tree, int threads) {
    TreeKeeper keeper = TreeKeeper.start(Syscall.call(SyscallNumber.GETEUID) == 0);
    try {
      make(keeper.directory(), tree, threads);
      return new KeptTree(keeper, tree);
    } catch (RuntimeException | Error failure) {
      Closing.after(failure, keeper);
      throw failure;
    }
  }

  /**
   * Changes it to be another tree, at the cost of the difference. No container may be using it.
   *
   * @param other the tree that it becomes
   * @throws LinuxException when something cannot be made or removed; a part of the difference is
   *     there then, and the next change makes the whole tree anew
   */
  public synchronized void change(InputTree other) {
    boolean wasBroken = isBroken;
    isBroken = true;
    if (wasBroken) {
      empty();
      make(keeper.directory(), other, 0);
    } else {
      changeTo(other);
    }
    tree = other;
    isBroken = false;
  }

  private void empty() {
    int flags = OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY;
    try (Descriptor top = FileCalls.open(keeper.directory(), ".", flags)) {
      for (DirectoryCalls.Entry entry : DirectoryCalls.list(top.number())) {
        TreeRemoval.remove(top.number(), entry.name());
      }
    }
  }

  private void changeTo(InputTree other) {
    Map<BytePath, Map<BytePath, InputTree.Entry>> before = tree.directories();
    Map<BytePath, Map<BytePath, InputTree.Entry>> after = other.directories();
    Map<BytePath, Map<BytePath, InputTree.Entry>> different = new TreeMap<>(after);
    different.entrySet().removeIf(each -> isSame(each.getValue(), before.get(each.getKey())));
    before.forEach((path, content) -> {
      if (!after.containsKey(path)) {
        if (isHighestThatGoes(path, after)) {
          TreeRemoval.remove(keeper.directory(), path.bytes());
        }
      } else if (different.containsKey(path)) {
        missing(content, different.get(path))
            .forEach(
                (name, _) -> DirectoryCalls.unlink(keeper.directory(), path.resolve(name).bytes()));
      }
    });
    List<TreeMaker.Folder> added = new ArrayList<>();
    different.forEach((path, content) -> {
      Map<BytePath, InputTree.Entry> missing =
          missing(content, before.getOrDefault(path, Map.of()));
      added.add(folder(path, before.containsKey(path), missing));
    });
    TreeMaker.make(keeper.directory(), added);
  }

  /** Of these entries those that another directory has not got, or has otherwise. */
  private static Map<BytePath, InputTree.Entry> missing(
      Map<BytePath, InputTree.Entry> these, Map<BytePath, InputTree.Entry> other) {
    Map<BytePath, InputTree.Entry> missing = new TreeMap<>(these);
    missing.entrySet().removeIf(each -> each.getValue().equals(other.get(each.getKey())));
    return missing;
  }

  // Most directories are: side by side, as both are sorted, since there are many entries.
  private static boolean isSame(
      Map<BytePath, InputTree.Entry> one, Map<BytePath, InputTree.Entry> other) {
    return other != null
        && one.size() == other.size()
        && List.copyOf(one.entrySet()).equals(List.copyOf(other.entrySet()));
  }

  private static boolean isHighestThatGoes(
      BytePath path, Map<BytePath, Map<BytePath, InputTree.Entry>> after) {
    return path.parent().map(after::containsKey).orElse(true);
  }

  private static void make(int top, InputTree tree, int threads) {
    Set<BytePath> parents = tree.parents();
    List<TreeMaker.Folder> folders = new ArrayList<>();
    tree.directories()
        .forEach((path, content) -> {
          boolean isThere = path.equals(InputTree.TOP) || parents.contains(path);
          folders.add(folder(path, isThere, content));
        });
    TreeMaker.make(top, parents.stream().map(BytePath::bytes).toList(), folders, threads);
  }

  private static TreeMaker.Folder folder(
      BytePath path, boolean isThere, Map<BytePath, InputTree.Entry> content) {
    return new TreeMaker.Folder(
        path.bytes(),
        isThere,
        content.isEmpty(),
        directory -> content.forEach((name, entry) -> entry.makeIn(directory, name)));
  }

  /**
   * Makes a detached copy of its mount, for a start.
   *
   * @return the copy
   * @throws LinuxException when it has been closed, or the kernel refuses
   */
  public Descriptor copyOfMount() {
    return keeper.copy();
  }

  /** Lets go of it, without waiting until its memory is freed. */
  @Override
  public void close() {
    keeper.close();
  }
}
