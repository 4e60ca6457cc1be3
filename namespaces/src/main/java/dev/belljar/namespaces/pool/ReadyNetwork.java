package dev.belljar.namespaces.pool;

import dev.belljar.linux.LinuxException;
import dev.belljar.linux.call.Closing;
import dev.belljar.namespaces.Namespace;
import dev.belljar.namespaces.attach.Attachment;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A NET namespace out of a {@link NetworkPool}, {@code lo} up, maybe on a bridge already. */
public final class ReadyNetwork implements AutoCloseable {
  private final Namespace namespace;
  private Optional<Attachment> attachment;

  ReadyNetwork(Namespace namespace, Optional<Attachment> attachment) {
    this.namespace = namespace;
    this.attachment = attachment;
  }

  /**
   * Returns the namespace.
   *
   * @return open until this is closed
   */
  public Namespace namespace() {
    return namespace;
  }

  /**
   * Gives away what takes the namespace off its bridge again; {@link #close} leaves that alone.
   *
   * @return empty when it is on none, or when it was given away before
   */
  public Optional<Attachment> takeAttachment() {
    Optional<Attachment> taken = attachment;
    attachment = Optional.empty();
    return taken;
  }

  /**
   * Lets go of the namespace, and takes it off its bridge.
   *
   * @throws LinuxException when the kernel reports an error; all is let go of all the same
   */
  @Override
  public void close() {
    List<AutoCloseable> all = new ArrayList<>();
    takeAttachment().ifPresent(all::add);
    all.add(namespace);
    Closing.all(all);
  }

  /** Prints which namespace it is. */
  @Override
  public String toString() {
    return namespace + (attachment.isPresent() ? " on a bridge" : "");
  }
}
