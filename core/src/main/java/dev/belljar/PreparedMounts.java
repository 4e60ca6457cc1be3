package dev.belljar;

import dev.belljar.linux.BytePath;
import dev.belljar.linux.Descriptor;
import dev.belljar.linux.LinuxException;
import dev.belljar.linux.call.Closing;
import dev.belljar.linux.call.FileCalls;
import dev.belljar.linux.call.FileDetails;
import dev.belljar.linux.call.OpenFlags;
import dev.belljar.linux.call.Pipe;
import dev.belljar.linux.call.PollCalls;
import dev.belljar.linux.launch.Child;
import dev.belljar.linux.launch.ExecVector;
import dev.belljar.linux.launch.Launch;
import dev.belljar.linux.launch.LaunchImage;
import dev.belljar.linux.launch.LaunchProgram;
import dev.belljar.linux.launch.Launcher;
import dev.belljar.linux.syscall.Syscall;
import dev.belljar.linux.uapi.Uapi;
import dev.belljar.namespaces.Namespace;
import dev.belljar.namespaces.NamespaceType;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * What the starts of a spec have in common of their mounts, kept as a mount namespace of which each
 * start makes a copy: so it need not copy the machine's mounts, and leave them again.
 *
 * <p>It is made when a spec is started for the third time, and let go when a start finds the JVM's
 * own mounts changed, or a path leading to another directory than before, after a start that
 * failed, when it is not used for a while, when too many others are, and when the JVM ends. Until
 * then the file systems in it are in use, also those that have been unmounted outside.
 */
final class PreparedMounts {
  private static final int STARTS_BEFORE = 2;
  private static final int STARTS_AFTER_FAILURE = 100;
  private static final long DEADLINE_NANOS = Duration.ofSeconds(30).toNanos();

  /** Those that are held; also the lock of all. */
  private static final Shelf HELD = new Shelf(PreparedMounts::closeMountInfo);

  private static Optional<Descriptor> mountInfo = Optional.empty();
  private static long changes;

  private final Supplier<LaunchProgram> preparation;
  private final List<BytePath> places;
  private final Shelf.Item item = this::letGo;
  private int startsLeft = STARTS_BEFORE;
  private boolean inTheMaking;
  private Optional<Held> held = Optional.empty();

  /** Which file a path leads to: a directory that is replaced by rename changes no mount. */
  private record FileId(long device, long inode) {
    static List<FileId> of(List<BytePath> directories) {
      List<FileId> all = new ArrayList<>();
      for (BytePath directory : directories) {
        BytePath itself = directory.resolve("."); // what a link at the end leads to
        FileDetails.of(Syscall.AT_FDCWD, itself.bytes())
            .ifPresent(details -> all.add(new FileId(details.device(), details.inode())));
      }
      return all;
    }
  }

  /** A namespace, and how many starts use it. */
  private static final class Held {
    private final Namespace namespace;
    private final List<FileId> places;
    private int users;
    private boolean dropped;

    Held(Namespace namespace, List<FileId> places) {
      this.namespace = namespace;
      this.places = places;
    }

    /** Closes it when nobody needs it; waits for the kernel to let the mounts go. */
    private void closeIfUnused() {
      if (dropped && users == 0) {
        namespace.close();
      }
    }
  }

  /** A namespace in use by a start. */
  static final class Lease implements AutoCloseable {
    private final Held held;
    private boolean returned;

    private Lease(Held held) {
      this.held = held;
    }

    /** The namespace's descriptor, valid until this lease is closed. */
    Descriptor descriptor() {
      return held.namespace.descriptor();
    }

    @Override
    public void close() {
      synchronized (HELD) {
        if (!returned) {
          returned = true;
          held.users--;
          held.closeIfUnused();
        }
      }
    }
  }

  /**
   * Begins with nothing held.
   *
   * @param preparation gives the program that prepares the mounts
   * @param places the directory that becomes the root, if it is not the machine's, and those in it
   *     that something is mounted on: who removes one of these takes that away
   */
  PreparedMounts(Supplier<LaunchProgram> preparation, List<BytePath> places) {
    this.preparation = preparation;
    this.places = List.copyOf(places);
  }

  /** Returns the namespace for a start; empty when that is to make its mounts from nothing. */
  Optional<Lease> lease() {
    long before;
    List<FileId> present;
    synchronized (HELD) {
      if (startsLeft > 0) {
        startsLeft--;
        return Optional.empty();
      }
      if (inTheMaking) {
        return Optional.empty();
      }
      dropAllIfMountsChanged();
      present = FileId.of(places);
      if (held.isPresent() && !held.get().places.equals(present)) {
        HELD.giveUp(item);
      }
      if (held.isPresent()) {
        return Optional.of(use(held.get()));
      }
      inTheMaking = true;
      before = changes;
    }
    Optional<Namespace> made = Optional.empty();
    try {
      watchMounts();
      made = Optional.of(make());
    } catch (LinuxException e) {
      // The start does without, and says itself what it cannot do.
    } finally {
      synchronized (HELD) {
        inTheMaking = false;
        startsLeft = made.isPresent() ? 0 : STARTS_AFTER_FAILURE;
      }
    }
    return made.flatMap(namespace -> hold(namespace, present, before));
  }

  /** Lets go of it after a start that failed: perhaps it is why. The next start does without. */
  void drop() {
    synchronized (HELD) {
      startsLeft = Math.max(startsLeft, 1);
      HELD.giveUp(item);
    }
  }

  private Lease use(Held namespace) {
    HELD.keep(item);
    namespace.users++;
    return new Lease(namespace);
  }

  private Optional<Lease> hold(Namespace namespace, List<FileId> present, long before) {
    synchronized (HELD) {
      try {
        dropAllIfMountsChanged();
      } catch (RuntimeException | Error failure) {
        Closing.after(failure, namespace);
        throw failure;
      }
      if (changes != before || held.isPresent()) {
        namespace.close();
        return Optional.empty();
      }
      Held made = new Held(namespace, present);
      held = Optional.of(made);
      try {
        return Optional.of(use(made));
      } catch (RuntimeException | Error failure) {
        Closing.after(failure, () -> HELD.giveUp(item));
        throw failure;
      }
    }
  }

  private Namespace make() {
    Optional<Namespace> made = Optional.empty();
    try (Pipe go = FileCalls.pipe(0);
        LaunchImage image = LaunchImage.of(preparation.get())) {
      made = Optional.of(make(image, go.read()));
    } catch (RuntimeException | Error failure) {
      Closing.after(failure, made.orElse(null));
      throw failure;
    }
    return made.get();
  }

  private static Namespace make(LaunchImage image, Descriptor go) {
    long mount = NamespaceType.MOUNT.flag();
    Child child =
        Launcher.start(
            new Launch(
                image,
                ExecVector.of(List.of(), List.of()),
                mount,
                mount,
                Optional.empty(),
                List.of(go.number()),
                false,
                Optional.empty(),
                DEADLINE_NANOS));
    Namespace namespace;
    try {
      namespace = Namespace.of(child.pid(), NamespaceType.MOUNT);
    } catch (RuntimeException | Error failure) {
      Closing.after(failure, () -> end(child));
      throw failure;
    }
    try {
      end(child);
    } catch (RuntimeException | Error failure) {
      Closing.after(failure, namespace);
      throw failure;
    }
    return namespace;
  }

  private static void end(Child child) {
    child.signal(Uapi.SIGKILL());
    child.await(DEADLINE_NANOS);
    var _ = child.status(); // which tells when it could not be reaped
  }

  private void letGo() {
    Optional<Held> released = held;
    held = Optional.empty();
    released.ifPresent(namespace -> {
      namespace.dropped = true;
      namespace.closeIfUnused();
    });
  }

  private static void watchMounts() {
    synchronized (HELD) {
      if (mountInfo.isEmpty()) {
        mountInfo =
            Optional.of(
                FileCalls.open(
                    Syscall.AT_FDCWD,
                    "/proc/self/mountinfo",
                    OpenFlags.O_RDONLY | OpenFlags.O_CLOEXEC));
      }
    }
  }

  private static void dropAllIfMountsChanged() {
    if (mountInfo.isPresent() && PollCalls.awaitChange(mountInfo.get().number(), 0)) {
      changes++;
      HELD.giveUpAll();
    }
  }

  private static void closeMountInfo() {
    changes++; // those in the making have missed something
    Optional<Descriptor> closing = mountInfo;
    mountInfo = Optional.empty();
    closing.ifPresent(Descriptor::close);
  }

  /** Lets go of all that are not in use, and of the others when their starts have ended. */
  static void clear() {
    HELD.clear();
  }
}
