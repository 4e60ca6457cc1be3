package dev.belljar;

import dev.belljar.linux.BytePath;
import dev.belljar.linux.Descriptor;
import dev.belljar.linux.Errno;
import dev.belljar.linux.LinuxException;
import dev.belljar.linux.call.FileCalls;
import dev.belljar.linux.call.FileDetails;
import dev.belljar.linux.call.OpenFlags;
import dev.belljar.linux.call.RootedCalls;
import dev.belljar.linux.syscall.Scratch;
import dev.belljar.linux.syscall.Syscall;
import dev.belljar.program.Credentials;
import dev.belljar.rootfs.DirectoryRootfs;
import dev.belljar.rootfs.HostRootfs;
import dev.belljar.rootfs.Rootfs;
import java.io.ByteArrayOutputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Who a name stands for, by the files of a container's root, which may be somebody else's: they are
 * looked up as if that were the root, and read only when they are regular files of a usual size.
 *
 * @param credentials who it is
 * @param home the user's directory, where the files tell
 * @see <a href="https://man7.org/linux/man-pages/man5/passwd.5.html">passwd(5)</a>
 */
record NamedUser(Credentials credentials, Optional<String> home) {
  private static final String PASSWD = "/etc/passwd";
  private static final String GROUP = "/etc/group";
  private static final int MOST_BYTES = 1 << 20;
  private static final int CHUNK = 8192;
  private static final long LARGEST_ID = 0xffff_fffeL;
  private static final int DIRECTORY = OpenFlags.O_PATH | OpenFlags.O_DIRECTORY;
  private static final int TO_READ = OpenFlags.O_RDONLY | OpenFlags.O_NOCTTY | OpenFlags.O_NONBLOCK;

  /** A line of a file; both begin with a name, a password and an id. */
  private record Entry(List<String> fields) {
    String name() {
      return fields.getFirst();
    }

    Optional<Long> id(int field) {
      return fields.size() > field ? number(fields.get(field)) : Optional.empty();
    }

    boolean isOf(String text) {
      return isNumber(text) ? id(2).equals(number(text)) : name().equals(text);
    }

    boolean hasMember(String user) {
      return fields.size() > 3 && List.of(fields.get(3).split(",")).contains(user);
    }
  }

  /** The user's directory, or where there is none the usual one of root and of others. */
  String homeOrUsual() {
    return home.orElse(credentials.isRoot() ? "/root" : "/");
  }

  /** Tells what is wrong with the words alone. */
  static Optional<String> mistake(String text, Optional<Rootfs> rootfs) {
    String[] words = text.split(":", -1);
    boolean right = words.length <= 2 && Arrays.stream(words).noneMatch(NamedUser::isWrong);
    if (!right) {
      return Optional.of(
          "user must be NAME or NAME:GROUP, ids 0 to 4294967294, not '" + text + "'");
    }
    boolean readable =
        rootfs
            .map(root -> root instanceof HostRootfs || root instanceof DirectoryRootfs)
            .orElse(true);
    return readable
        ? Optional.empty()
        : Optional.of(
            "user '%s' is looked up in the host's files or a directory; a root that is only made at"
                    .formatted(text)
                + " the start needs ids");
  }

  private static boolean isWrong(String word) {
    return word.isEmpty()
        || word.indexOf(0) >= 0
        || word.indexOf('\n') >= 0
        || isNumber(word) && number(word).isEmpty();
  }

  // What is a number is never looked up as a name, however large it is.
  private static boolean isNumber(String text) {
    return !text.isEmpty() && text.chars().allMatch(digit -> digit >= '0' && digit <= '9');
  }

  private static Optional<Long> number(String text) {
    if (!isNumber(text) || text.length() > 10) {
      return Optional.empty();
    }
    return Optional.of(Long.parseLong(text)).filter(id -> id <= LARGEST_ID);
  }

  /**
   * Looks it up.
   *
   * @param text a name or an id, of a user alone or with a group after a colon
   * @param rootfs the root, for which there is no {@linkplain #mistake mistake}
   * @throws IllegalArgumentException when there is nobody of the name, or a file is none that can
   *     be read
   * @throws ContainerException when the kernel refuses
   */
  static NamedUser find(String text, Optional<Rootfs> rootfs) {
    BytePath path =
        rootfs.orElse(null) instanceof DirectoryRootfs directory
            ? directory.path()
            : BytePath.of("/");
    try (Descriptor root = FileCalls.open(Syscall.AT_FDCWD, path.bytes(), DIRECTORY, 0)) {
      return find(text, root);
    } catch (LinuxException e) {
      throw failed(text, e);
    }
  }

  /**
   * Looks it up below a directory.
   *
   * @param text a name or an id, of a user alone or with a group after a colon
   * @param root the directory, which may be one of a running container
   * @throws IllegalArgumentException when there is nobody of the name, or a file is none that can
   *     be read
   * @throws ContainerException when the kernel refuses
   */
  static NamedUser find(String text, Descriptor root) {
    try {
      return find(text.split(":", -1), root);
    } catch (LinuxException e) {
      throw failed(text, e);
    }
  }

  private static ContainerException failed(String text, LinuxException failure) {
    return new ContainerException("looking up the user '" + text + "'", failure);
  }

  private static NamedUser find(String[] words, Descriptor root) {
    Optional<Entry> user =
        entries(root, PASSWD).stream().filter(entry -> entry.isOf(words[0])).findFirst();
    Optional<Long> uid = number(words[0]).or(() -> user.flatMap(entry -> entry.id(2)));
    if (uid.isEmpty()) {
      throw nobody("user", words[0], PASSWD);
    }
    Optional<String> home =
        user.filter(entry -> entry.fields().size() > 5)
            .map(entry -> entry.fields().get(5))
            .filter(path -> path.startsWith("/"));
    if (words.length == 2) {
      long gid = gid(words[1], root);
      return new NamedUser(new Credentials(uid.get(), gid, List.of()), home);
    }
    long gid = user.flatMap(entry -> entry.id(3)).orElse(0L);
    List<Long> groups = user.map(entry -> groups(root, entry.name(), gid)).orElse(List.of());
    return new NamedUser(new Credentials(uid.get(), gid, groups), home);
  }

  private static long gid(String word, Descriptor root) {
    return number(word)
        .or(() ->
            entries(root, GROUP).stream()
                .filter(entry -> entry.isOf(word))
                .findFirst()
                .flatMap(entry -> entry.id(2)))
        .orElseThrow(() -> nobody("group", word, GROUP));
  }

  private static List<Long> groups(Descriptor root, String user, long own) {
    return entries(root, GROUP).stream()
        .filter(entry -> entry.hasMember(user))
        .flatMap(entry -> entry.id(2).stream())
        .filter(id -> id != own)
        .distinct()
        .toList();
  }

  private static IllegalArgumentException nobody(String what, String name, String file) {
    return new IllegalArgumentException(
        "the container's root has no %s '%s' in %s".formatted(what, name, file));
  }

  private static List<Entry> entries(Descriptor root, String file) {
    return new String(read(root, file), StandardCharsets.UTF_8)
        .lines()
        .map(line -> new Entry(List.of(line.split(":", -1))))
        .toList();
  }

  // Opened for reading only once it is known to be a file that neither blocks nor does anything.
  // Those of /proc and the like, some of which block, have no size. Another's lease blocks, too.
  private static byte[] read(Descriptor root, String path) {
    byte[] name = path.getBytes(StandardCharsets.UTF_8);
    try (Descriptor found = RootedCalls.open(root.number(), name, OpenFlags.O_PATH)) {
      FileDetails details = FileDetails.of(found.number(), new byte[0]).orElseThrow();
      if (details.type() != FileDetails.REGULAR) {
        throw new IllegalArgumentException(path + " of the container's root is no regular file");
      }
      if (details.size() == 0) {
        return new byte[0];
      }
      try (Descriptor file = FileCalls.reopen(found, TO_READ)) {
        return readAll(file, path);
      }
    } catch (LinuxException e) {
      if (e.is(Errno.ENOENT) || e.is(Errno.ENOTDIR)) {
        return new byte[0];
      }
      throw e;
    }
  }

  private static byte[] readAll(Descriptor file, String path) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    try (Scratch scratch = Scratch.open()) {
      MemorySegment chunk = scratch.allocate(CHUNK);
      int count = FileCalls.read(file.number(), chunk);
      while (count > 0) {
        all.writeBytes(chunk.asSlice(0, count).toArray(ValueLayout.JAVA_BYTE));
        if (all.size() > MOST_BYTES) {
          throw new IllegalArgumentException(path + " of the container's root has more than 1 MiB");
        }
        count = FileCalls.read(file.number(), chunk);
      }
    }
    return all.toByteArray();
  }
}
