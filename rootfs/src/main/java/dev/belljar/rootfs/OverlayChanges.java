package dev.belljar.rootfs;

import dev.belljar.linux.BytePath;
import dev.belljar.linux.Descriptor;
import dev.belljar.linux.LinuxException;
import dev.belljar.linux.call.FileCalls;
import dev.belljar.linux.call.FileDetails;
import dev.belljar.linux.call.OpenFlags;
import dev.belljar.linux.launch.Deputy;
import dev.belljar.linux.syscall.Syscall;
import dev.belljar.rootfs.tree.ChangeApplication;
import dev.belljar.rootfs.tree.ChangeWalk;
import dev.belljar.rootfs.tree.OverlayMarks;
import dev.belljar.rootfs.tree.TreeRemoval;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/**
 * What containers have changed through an overlay, as the kernel left it in the upper folder.
 *
 * <p>It is looked up when it is asked for, while a container runs or after its end; what changes
 * meanwhile may or may not be told.
 *
 * <p>An ordinary user whose containers had subordinate ids has files of these ids in the folder.
 * Where he may not read or delete them himself, that is done in a USER namespace with all ids that
 * he was granted, which takes newuidmap and newgidmap.
 *
 * {@snippet :
 * Overlay box = Overlay.of("/srv/base").upper(BytePath.of("/srv/work/box"));
 * Container.builder().rootfs(Rootfs.overlay(box)).command("make").start().waitFor();
 * for (OverlayChanges.Change change : box.changes().list()) {
 *   System.out.println(change); // MODIFIED etc/hosts
 * }
 * box.changes().applyTo(BytePath.of("/srv/copy-of-base"));
 * box.delete();
 * }
 */
public final class OverlayChanges {
  private static final String USER_MARKS = "userxattr";

  private final Overlay overlay;
  private final BytePath folder;

  OverlayChanges(Overlay overlay, BytePath folder) {
    this.overlay = overlay;
    this.folder = folder;
  }

  /** What became of a file. */
  public enum Kind {
    /** The lower directories have nothing of the name. */
    ADDED,
    /** It was written to, or its owner, permissions or attributes were set, even to the same. */
    MODIFIED,
    /** The lower directories have it. What was in a deleted directory is not told by itself. */
    DELETED
  }

  /**
   * One change.
   *
   * @param kind what became of the file
   * @param path its path from the overlay's root, without a slash at the beginning
   */
  public record Change(Kind kind, BytePath path) {
    @Override
    public String toString() {
      return kind + " " + path;
    }
  }

  /**
   * Returns the changes.
   *
   * @return them all, a directory before what is in it, in the order of their names' bytes where
   *     that does not say otherwise; none before the first container
   * @throws LinuxException when something cannot be read
   */
  public List<Change> list() {
    return Deputy.asOwnerOfIds(() -> {
      Lister lister = new Lister();
      walk(lister, marks());
      return List.copyOf(lister.found);
    });
  }

  /**
   * Makes the same changes in another tree: applied to a copy of the lower directory, it is what
   * the container saw. Contents, owners, permissions, attributes, times, hard links and holes are
   * those of the upper; no link in the tree is followed.
   *
   * @param tree the absolute path of a directory
   * @throws LinuxException when something cannot be read or made, EPERM for owners and devices that
   *     this user may not make; the tree has a part of the changes then
   */
  public void applyTo(BytePath tree) {
    MountPaths.requireAbsolute(tree, "tree");
    Deputy.asOwnerOfIds(() -> {
      OverlayMarks marks = marks();
      try (ChangeApplication application = new ChangeApplication(tree.bytes(), marks)) {
        walk(application, marks);
      }
      return true;
    });
  }

  private void walk(ChangeWalk.Visitor visitor, OverlayMarks marks) {
    try (Descriptor open = open()) {
      if (FileDetails.of(open.number(), bytes("upper")).isPresent()) {
        ChangeWalk.walk(
            open.number(), overlay.lower().stream().map(BytePath::bytes).toList(), marks, visitor);
      }
    }
  }

  // In a user namespace the kernel's marks have another name.
  private OverlayMarks marks() {
    try (Descriptor open = open()) {
      return OverlayMarks.of(FileDetails.of(open.number(), bytes(USER_MARKS)).isPresent());
    }
  }

  private Descriptor open() {
    int flags = OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY;
    return FileCalls.open(Syscall.AT_FDCWD, folder.bytes(), flags, 0);
  }

  void delete() {
    Deputy.asOwnerOfIds(() -> {
      try (Descriptor open = open()) {
        for (String name : List.of("work", "upper", USER_MARKS)) {
          TreeRemoval.remove(open.number(), bytes(name));
        }
      }
      return true;
    });
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static final class Lister implements ChangeWalk.Visitor {
    private final List<Change> found = new ArrayList<>();
    private final Deque<byte[]> path = new ArrayDeque<>();

    private void add(Kind kind, byte[] name) {
      ByteArrayOutputStream whole = new ByteArrayOutputStream();
      for (byte[] each : path) {
        whole.writeBytes(each);
        whole.write('/');
      }
      whole.writeBytes(name);
      found.add(new Change(kind, BytePath.reported(whole.toByteArray())));
    }

    @Override
    public void deleted(byte[] name) {
      add(Kind.DELETED, name);
    }

    // A directory is in the upper for what is in it, too; its times change with that.
    @Override
    public void directory(
        int upper,
        byte[] name,
        FileDetails details,
        Optional<FileDetails> lower,
        BooleanSupplier hasOtherAttributes) {
      if (lower.isEmpty()) {
        add(Kind.ADDED, name);
      } else if (isChanged(details, lower.get()) || hasOtherAttributes.getAsBoolean()) {
        add(Kind.MODIFIED, name);
      }
      path.addLast(name);
    }

    private static boolean isChanged(FileDetails upper, FileDetails lower) {
      return upper.mode() != lower.mode()
          || upper.uid() != lower.uid()
          || upper.gid() != lower.gid();
    }

    @Override
    public void left(int upper, byte[] name, FileDetails details) {
      path.removeLast();
    }

    @Override
    public void file(int upper, byte[] name, FileDetails details, Optional<FileDetails> lower) {
      add(lower.isEmpty() ? Kind.ADDED : Kind.MODIFIED, name);
    }
  }
}
