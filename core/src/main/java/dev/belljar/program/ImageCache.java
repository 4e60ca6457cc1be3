package dev.belljar.program;

import dev.belljar.linux.launch.LaunchImage;
import dev.belljar.linux.launch.LaunchProgram;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The images of programs started lately, so that a start need not write them again.
 *
 * <p>At most 32 are kept; the one that was not used for the longest time goes first.
 */
public final class ImageCache {
  private static final int MOST = 32;
  private static final Map<Key, Entry> ENTRIES = new LinkedHashMap<>(MOST, 0.75f, true);

  /** A program to be looked up: its hash is worked out once, and it is compared once. */
  public static final class Key {
    private final LaunchProgram program;
    private final int hash;

    /** The equal key that the cache has, as far as known; this one at first. */
    private Key kept = this;

    private Key(LaunchProgram program) {
      this.program = program;
      this.hash = program.hashCode();
    }

    /** Makes the key of a program. */
    public static Key of(LaunchProgram program) {
      return new Key(program);
    }

    @Override
    public boolean equals(Object other) {
      return this == other || (other instanceof Key key && program.equals(key.program));
    }

    @Override
    public int hashCode() {
      return hash;
    }
  }

  private static final class Entry {
    final Key key;
    final LaunchImage image;
    int users;
    boolean evicted;

    Entry(Key key) {
      this.key = key;
      this.image = LaunchImage.of(key.program);
    }

    void closeIfUnused() {
      if (evicted && users == 0) {
        image.close();
      }
    }
  }

  /** An image in use. */
  public static final class Lease implements AutoCloseable {
    private final Entry entry;
    private boolean returned;

    private Lease(Entry entry) {
      this.entry = entry;
    }

    /** Returns the image, valid until this lease is closed. */
    public LaunchImage image() {
      return entry.image;
    }

    @Override
    public void close() {
      synchronized (ENTRIES) {
        if (!returned) {
          returned = true;
          entry.users--;
          entry.closeIfUnused();
        }
      }
    }
  }

  private ImageCache() {}

  /** Returns the image of a program, written now unless it is kept. */
  public static Lease lease(Key key) {
    synchronized (ENTRIES) {
      Entry entry = ENTRIES.get(key.kept);
      if (entry == null) {
        entry = new Entry(key);
        ENTRIES.put(key, entry);
        evict(MOST);
      }
      key.kept = entry.key;
      entry.users++;
      return new Lease(entry);
    }
  }

  /** Closes all images that are not in use, and those in use when their users return them. */
  public static void clear() {
    synchronized (ENTRIES) {
      evict(0);
    }
  }

  private static void evict(int left) {
    List<Entry> evicted = new ArrayList<>();
    Iterator<Entry> eldest = ENTRIES.values().iterator();
    while (ENTRIES.size() > left) {
      evicted.add(eldest.next());
      eldest.remove();
    }
    for (Entry entry : evicted) {
      entry.evicted = true;
      entry.closeIfUnused();
    }
  }
}
