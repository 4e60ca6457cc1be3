package dev.belljar.rootfs.tree;

import dev.belljar.linux.call.AttributeCalls;
import dev.belljar.linux.call.FileDetails;
import java.util.Arrays;
import java.util.SortedMap;

/**
 * What overlayfs writes into layers: whiteouts and opaque directories.
 *
 * <p>In a user namespace the marks are attributes named {@code user.overlay.}, otherwise {@code
 * trusted.overlay.}; those of the other name are nobody's but the container's.
 *
 * @see <a href="https://docs.kernel.org/filesystems/overlayfs.html">overlayfs, "whiteouts and
 *     opaque directories"</a>
 */
public final class OverlayMarks {
  private static final byte[] ITSELF = {};
  private static final byte[] OPAQUE = {'y'};
  private static final byte[] HAS_WHITEOUTS = {'x'};

  private final String prefix;

  private OverlayMarks(String prefix) {
    this.prefix = prefix;
  }

  /**
   * Returns the marks of an overlay.
   *
   * @param ofUser whether it was mounted with {@code userxattr}
   */
  public static OverlayMarks of(boolean ofUser) {
    return new OverlayMarks(ofUser ? "user.overlay." : "trusted.overlay.");
  }

  /** Tells whether an entry of a directory hides what lower layers have of the name. */
  boolean isWhiteout(int dirfd, byte[] name, FileDetails details) {
    if (details.type() == FileDetails.CHARACTER_DEVICE) {
      return details.represents().major() == 0 && details.represents().minor() == 0;
    }
    return details.type() == FileDetails.REGULAR
        && details.size() == 0
        && AttributeCalls.get(dirfd, name, prefix + "whiteout").isPresent()
        && opaque(dirfd, HAS_WHITEOUTS);
  }

  /** Tells whether a directory hides everything that lower layers have in it. */
  boolean isOpaque(int dirfd) {
    return opaque(dirfd, OPAQUE);
  }

  private boolean opaque(int dirfd, byte[] wanted) {
    return AttributeCalls.get(dirfd, ITSELF, prefix + "opaque")
        .filter(value -> Arrays.equals(value, wanted))
        .isPresent();
  }

  /** The attributes of an entry of a directory that are none of these marks. */
  SortedMap<String, byte[]> attributes(int dirfd, byte[] name) {
    SortedMap<String, byte[]> all = AttributeCalls.all(dirfd, name);
    all.keySet().removeIf(this::isMark);
    return all;
  }

  /** Tells whether an attribute is one of these marks. */
  boolean isMark(String attribute) {
    return attribute.startsWith(prefix);
  }
}
