package dev.belljar.rootfs.launch;

import dev.belljar.linux.ByteString;
import dev.belljar.rootfs.MountAttribute;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * A file system to be made, and how it is mounted.
 *
 * @param type as in /proc/filesystems
 * @param options its options, in the order they are set
 * @param attributes what the mount forbids
 */
record FileSystem(String type, List<Option> options, Set<MountAttribute> attributes) {
  /**
   * An option of the file system.
   *
   * @param key its name
   * @param value its value, or {@link #FLAG}
   */
  record Option(ByteString key, ByteString value) {
    /** Stands for the value of an option that has none. */
    static final String FLAG = "";

    boolean isFlag() {
      return value.isEmpty();
    }
  }

  FileSystem {
    options = List.copyOf(options);
    attributes = Set.copyOf(attributes);
  }

  static FileSystem of(String type, MountAttribute... attributes) {
    return new FileSystem(type, List.of(), Set.of(attributes));
  }

  FileSystem option(String key, String value) {
    return option(key.getBytes(StandardCharsets.UTF_8), value.getBytes(StandardCharsets.UTF_8));
  }

  FileSystem option(byte[] key, byte[] value) {
    List<Option> more = new ArrayList<>(options);
    more.add(new Option(ByteString.ofBytes(key), ByteString.ofBytes(value)));
    return new FileSystem(type, more, attributes);
  }
}
