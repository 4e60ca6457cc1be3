package dev.belljar.rootfs;

import dev.belljar.linux.BytePath;
import dev.belljar.linux.ByteString;

/**
 * A new file system; see {@link Mount#of}, {@link Mount#tmpfs}, {@link Mount#proc} and others.
 *
 * @param type the type, as in {@code /proc/filesystems}
 * @param source what to mount, such as a block device, or any word
 * @param target the absolute path in the container
 * @param options how it is mounted; the word {@code tmpcopyup} is that of {@link #copyUp}
 */
public record NewMount(String type, ByteString source, BytePath target, MountOptions options)
    implements Mount {
  static final String COPY_UP = "tmpcopyup";

  /**
   * Makes a mount.
   *
   * @throws IllegalArgumentException when the type is empty, the target is relative or the root
   *     directory, or a tmpfs that copies up has an option other than size and mode
   */
  public NewMount {
    MountPaths.requireTarget(target);
    if (type.isEmpty() || type.indexOf(0) >= 0) {
      throw new IllegalArgumentException("not a file system type: \"" + type + "\"");
    }
    if (options.has(COPY_UP) && !type.equals("tmpfs")) {
      throw new IllegalArgumentException(COPY_UP + " is for tmpfs, not for " + type);
    }
  }

  static NewMount of(String type, ByteString source, BytePath target) {
    return new NewMount(type, source, target, MountOptions.none());
  }

  /**
   * For tmpfs: begins with what it covers, of which the container gets its own throw-away version.
   * (It is an overlay with the new file system on top, so nothing is copied before it is changed.)
   *
   * @return the new value
   * @throws IllegalArgumentException when the type is not tmpfs
   */
  public NewMount copyUp() {
    return copiesUp() ? this : option(COPY_UP);
  }

  /**
   * Tells whether it begins with what it covers.
   *
   * @return true after {@link #copyUp}
   */
  public boolean copiesUp() {
    return options.has(COPY_UP);
  }

  /**
   * The same mount with more options.
   *
   * @param more words with commas between them, as {@link MountOptions#parse(String)} takes them
   * @return the new value
   * @throws IllegalArgumentException when they cannot be parsed
   */
  public NewMount options(String more) {
    return withOptions(options.and(MountOptions.parse(more)));
  }

  @Override
  public NewMount withOptions(MountOptions replacement) {
    return new NewMount(type, source, target, replacement);
  }

  @Override
  public NewMount option(String option) {
    return withOptions(options.with(option));
  }

  @Override
  public NewMount readOnly() {
    return withOptions(options.with(MountAttribute.RDONLY));
  }
}
