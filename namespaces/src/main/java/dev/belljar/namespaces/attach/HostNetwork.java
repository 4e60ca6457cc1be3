package dev.belljar.namespaces.attach;

import dev.belljar.linux.Descriptor;
import dev.belljar.linux.LinuxException;
import dev.belljar.linux.call.Closing;
import dev.belljar.linux.call.FileCalls;
import dev.belljar.linux.call.LockCalls;
import dev.belljar.linux.call.OpenFlags;
import dev.belljar.namespaces.Namespace;
import dev.belljar.namespaces.NamespaceType;
import dev.belljar.namespaces.net.NetworkStack;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** The network namespace outside of a container, held open. */
final class HostNetwork implements AutoCloseable {
  private final Namespace namespace;
  private final NetworkStack stack;

  private HostNetwork(Namespace namespace, NetworkStack stack) {
    this.namespace = namespace;
    this.stack = stack;
  }

  /**
   * Opens it.
   *
   * @param given what the user said; empty for this JVM's own
   */
  static HostNetwork open(Optional<Namespace> given) {
    Namespace own =
        given.map(Namespace::reopen).orElseGet(() -> Namespace.current(NamespaceType.NET));
    try {
      return new HostNetwork(own, NetworkStack.of(own));
    } catch (RuntimeException | Error failure) {
      Closing.after(failure, own);
      throw failure;
    }
  }

  Namespace namespace() {
    return namespace;
  }

  NetworkStack stack() {
    return stack;
  }

  /**
   * Waits until nobody else makes or deletes bridges here.
   *
   * <p>The lock is a flock(2) on the namespace itself, whose file is the same for every JVM,
   * whatever it sees as {@code /run}; it leaves nothing behind.
   *
   * @return what ends it
   */
  Descriptor lock() {
    // A lock belongs to an open file description, so each taking needs its own.
    Descriptor file = FileCalls.reopen(namespace.descriptor(), OpenFlags.O_RDONLY);
    try {
      LockCalls.lock(file.number());
      return file;
    } catch (RuntimeException | Error failure) {
      Closing.after(failure, file);
      throw failure;
    }
  }

  /**
   * Writes a setting of the network.
   *
   * @param path below /proc/sys/net
   * @param value what to write
   * @throws LinuxException when the kernel refuses, ENOENT when it has no such setting
   */
  static void setting(Namespace namespace, String path, String value) {
    try (Descriptor file = namespace.openFile("/proc/sys/net/" + path, OpenFlags.O_WRONLY)) {
      FileCalls.write(file.number(), value.getBytes(StandardCharsets.US_ASCII));
    }
  }

  @Override
  public void close() {
    try {
      stack.close();
    } finally {
      namespace.close();
    }
  }
}
