package dev.belljar.namespaces.attach;

import dev.belljar.linux.Descriptor;
import dev.belljar.linux.LinuxException;
import dev.belljar.linux.call.ByteLockCalls;
import dev.belljar.linux.call.Closing;
import dev.belljar.linux.call.FileCalls;
import dev.belljar.linux.call.OpenFlags;
import dev.belljar.namespaces.Namespace;
import java.util.concurrent.ThreadLocalRandom;

/**
 * A JVM as the owner of links in one network namespace. It is alive while it has its lock, however
 * it ended, and whichever number it has in whichever PID namespace.
 *
 * <p>The lock is one on a byte of the namespace's own file, which is the same file for every JVM
 * that could find the links, whatever it sees as {@code /run}. The byte is the owner's name.
 */
final class Owner implements AutoCloseable {
  private final Descriptor file;
  private final long number;

  private Owner(Descriptor file, long number) {
    this.file = file;
    this.number = number;
  }

  /**
   * Begins to be one.
   *
   * @throws LinuxException when the kernel refuses
   */
  static Owner of(Namespace network) {
    long number = ThreadLocalRandom.current().nextLong(1, Long.MAX_VALUE);
    Descriptor file = open(network);
    try {
      ByteLockCalls.share(file.number(), number);
      return new Owner(file, number);
    } catch (RuntimeException | Error failure) {
      Closing.after(failure, file);
      throw failure;
    }
  }

  /**
   * Tells whether an owner is alive.
   *
   * @throws LinuxException when the kernel refuses
   */
  static boolean isAlive(Namespace network, long number) {
    try (Descriptor file = open(network)) {
      return ByteLockCalls.isLocked(file.number(), number);
    }
  }

  // A lock belongs to an open file description, so each owner needs its own, and who asks, too.
  private static Descriptor open(Namespace network) {
    return FileCalls.reopen(network.descriptor(), OpenFlags.O_RDONLY);
  }

  long number() {
    return number;
  }

  /** Ends it: what it still has is left behind. */
  @Override
  public void close() {
    file.close();
  }
}
