package dev.belljar.rootfs;

import dev.belljar.linux.BytePath;
import dev.belljar.rootfs.tree.NodeMaker;
import dev.belljar.rootfs.tree.TreeKeeper;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Directories, symbolic links and copies of files, to be made in memory: the inputs of a build.
 *
 * <p>A tree is an immutable description. {@link Rootfs#empty() Rootfs.empty()} takes one and makes
 * it for each start; {@link #keep()} makes it once, for any number of starts.
 *
 * {@snippet :
 * InputTree.Builder builder = InputTree.builder();
 * for (String name : inputs) {
 *   builder.link("/in/" + name, "/store/" + name);
 * }
 * try (KeptTree kept = builder.build().keep()) {
 *   Container.builder().rootfs(Rootfs.kept(kept)).mount(Mount.rbind("/store", "/store")).start();
 * }
 * }
 */
public final class InputTree {
  /** The path of the root among those of directories. */
  static final BytePath TOP = BytePath.of(".");

  private static final int MOST_THREADS = 64;

  /** What is at a path. */
  sealed interface Entry {
    /** Makes it under a name in the directory that is being made. */
    void makeIn(NodeMaker directory, BytePath name);

    /** A symbolic link. */
    record Link(BytePath target) implements Entry {
      @Override
      public void makeIn(NodeMaker directory, BytePath name) {
        directory.link(name, target);
      }
    }

    /** A copy of a file of the host, whose path is looked up in the base where there is one. */
    record Copy(BytePath source, Optional<BytePath> base) implements Entry {
      @Override
      public void makeIn(NodeMaker directory, BytePath name) {
        directory.copy(name, source, base);
      }
    }
  }

  /** What is in a directory, by name. */
  private final Map<BytePath, Map<BytePath, Entry>> directories;

  private InputTree(Map<BytePath, Map<BytePath, Entry>> directories) {
    this.directories = directories;
  }

  /**
   * Begins a tree. The first one in a JVM also begins to load, on another thread, what is needed to
   * make it, since that takes some 200 ms.
   *
   * @return a builder of an empty one
   */
  public static Builder builder() {
    return new Builder();
  }

  /**
   * Makes the tree, to be used by any number of starts.
   *
   * @return the tree in memory, to be closed
   * @throws dev.belljar.linux.LinuxException when it cannot be made, such as ENOENT for a file to
   *     copy; nothing is left
   */
  public KeptTree keep() {
    return KeptTree.of(this);
  }

  /**
   * Makes the tree, to be used by any number of starts.
   *
   * @param threads how many threads make it, 1 to 64; by default one for each processor, at most 4
   * @return the tree in memory, to be closed
   * @throws dev.belljar.linux.LinuxException when it cannot be made; nothing is left
   * @throws IllegalArgumentException when the number is out of range
   */
  public KeptTree keep(int threads) {
    if (threads < 1 || threads > MOST_THREADS) {
      throw new IllegalArgumentException("a tree is made by 1 to 64 threads, not " + threads);
    }
    return KeptTree.of(this, threads);
  }

  /**
   * Returns how many files and links there are, directories not counted.
   *
   * @return the number
   */
  public int size() {
    return directories.values().stream().mapToInt(Map::size).sum();
  }

  /** Directories in an order in which they can be made, relative to the root. */
  Map<BytePath, Map<BytePath, Entry>> directories() {
    return directories;
  }

  /** Those of the directories, less the root, in which there are others; in the same order. */
  Set<BytePath> parents() {
    Set<BytePath> parents = new TreeSet<>();
    Optional<BytePath> last = Optional.empty();
    for (BytePath path : directories.keySet()) {
      Optional<BytePath> parent = path.parent();
      if (!parent.equals(last)) { // most are side by side
        parent.ifPresent(parents::add);
        last = parent;
      }
    }
    return parents;
  }

  /** Collects what a tree is to have. Directories on the way are made as needed, mode 0755. */
  public static final class Builder {
    private final Map<BytePath, Map<BytePath, Entry>> directories = new TreeMap<>();
    private BytePath lastPath = TOP;
    private Map<BytePath, Entry> last = new TreeMap<>();

    private Builder() {
      TreeKeeper.loadAhead();
      directories.put(TOP, last);
      List.of("proc", "sys", "dev", "tmp").forEach(this::directory);
    }

    /**
     * Adds a directory.
     *
     * @param path an absolute path, encoded as UTF-8
     * @return this builder
     * @throws IllegalArgumentException when a component is {@code .} or {@code ..}
     */
    public Builder directory(String path) {
      return directory(BytePath.of(path));
    }

    /**
     * Adds a directory.
     *
     * @param path an absolute path
     * @return this builder
     * @throws IllegalArgumentException when a component is {@code .} or {@code ..}
     */
    public Builder directory(BytePath path) {
      content(relative(path.components()));
      return this;
    }

    /**
     * Adds a symbolic link.
     *
     * @param path an absolute path, encoded as UTF-8
     * @param target what it says, looked up in the container, encoded as UTF-8
     * @return this builder
     * @throws IllegalArgumentException when a component of the path is {@code .} or {@code ..}
     */
    public Builder link(String path, String target) {
      return link(BytePath.of(path), BytePath.of(target));
    }

    /**
     * Adds a symbolic link.
     *
     * @param path an absolute path
     * @param target what it says, looked up in the container
     * @return this builder
     * @throws IllegalArgumentException when a component of the path is {@code .} or {@code ..}
     */
    public Builder link(BytePath path, BytePath target) {
      return add(path, new Entry.Link(target));
    }

    /**
     * Adds a copy of a regular file of the host, with its permissions, made when the tree is.
     * Symbolic links are followed; see {@link #copyWithin} for trees of somebody else's.
     *
     * @param path an absolute path, encoded as UTF-8
     * @param source the absolute path of the file on the host, encoded as UTF-8
     * @return this builder
     * @throws IllegalArgumentException when a component of the path is {@code .} or {@code ..}, or
     *     the source is relative
     */
    public Builder copy(String path, String source) {
      return copy(BytePath.of(path), BytePath.of(source));
    }

    /**
     * Adds a copy of a regular file of the host; see {@link #copy(String, String)}.
     *
     * @param path an absolute path
     * @param source the absolute path of the file on the host
     * @return this builder
     * @throws IllegalArgumentException when a component of the path is {@code .} or {@code ..}, or
     *     the source is relative
     */
    public Builder copy(BytePath path, BytePath source) {
      return copy(path, source, Optional.empty());
    }

    /**
     * Adds a copy of a regular file of a tree that somebody else may change: its path is looked up
     * as if a directory were the root directory. No symbolic link and no {@code ..} leads out of
     * it, whatever is exchanged meanwhile.
     *
     * @param path an absolute path
     * @param base the absolute path of the directory on the host
     * @param source the absolute path of the file in it
     * @return this builder
     * @throws IllegalArgumentException when a component of the path is {@code .} or {@code ..}, or
     *     the source or the base is relative
     */
    public Builder copyWithin(BytePath path, BytePath base, BytePath source) {
      MountPaths.requireAbsolute(base, "base of a file to copy");
      return copy(path, source, Optional.of(base));
    }

    private Builder copy(BytePath path, BytePath source, Optional<BytePath> base) {
      MountPaths.requireAbsolute(source, "file to copy");
      return add(path, new Entry.Copy(source, base));
    }

    private Builder add(BytePath path, Entry entry) {
      List<BytePath> names = path.components();
      if (names.isEmpty()) {
        throw new IllegalArgumentException("the root of a tree is a directory");
      }
      BytePath name = names.getLast();
      content(relative(names.subList(0, names.size() - 1))).put(checked(name), entry);
      return this;
    }

    private Map<BytePath, Entry> content(BytePath directory) {
      if (!directory.equals(lastPath)) {
        Map<BytePath, Entry> content = directories.get(directory);
        if (content == null) {
          directory.parent().ifPresent(this::content);
          content = new TreeMap<>();
          directories.put(directory, content);
        }
        lastPath = directory;
        last = content;
      }
      return last;
    }

    private static BytePath relative(List<BytePath> names) {
      if (names.isEmpty()) {
        return TOP;
      }
      BytePath path = checked(names.getFirst());
      for (BytePath name : names.subList(1, names.size())) {
        path = path.resolve(checked(name));
      }
      return path;
    }

    private static BytePath checked(BytePath name) {
      byte[] bytes = name.bytes();
      if (bytes[0] == '.' && (bytes.length == 1 || bytes.length == 2 && bytes[1] == '.')) {
        throw new IllegalArgumentException("a path of a tree has no component . or ..");
      }
      return name;
    }

    /**
     * Returns the tree.
     *
     * @return the tree; this builder can go on with another one
     * @throws IllegalArgumentException when something is both a directory and a file
     */
    public InputTree build() {
      List<String> mistakes = new ArrayList<>();
      Map<BytePath, Map<BytePath, Entry>> copy = new TreeMap<>();
      directories.forEach((path, content) -> {
        if (!path.equals(TOP)) {
          BytePath parent = path.parent().orElse(TOP);
          Map<BytePath, Entry> around = directories.get(parent);
          if (around != null && around.containsKey(path.name().orElse(path))) {
            mistakes.add(path + " is both a directory and a file");
          }
        }
        copy.put(path, new TreeMap<>(content));
      });
      if (!mistakes.isEmpty()) {
        throw new IllegalArgumentException(String.join("; ", mistakes));
      }
      return new InputTree(copy);
    }
  }
}
