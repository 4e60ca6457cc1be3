package dev.belljar.cgroups.event;

import dev.belljar.linux.LinuxException;
import dev.belljar.linux.call.Closing;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Events of a group, to be taken one after the other by whoever waits for them.
 *
 * {@snippet :
 * try (CgroupEventStream events = group.events().oom().open()) {
 *   for (Optional<CgroupEvent> next = events.next(); next.isPresent(); next = events.next()) {
 *     System.out.println(next.get());
 *   }
 * }
 * }
 *
 * <p>What is not taken does not pile up: of each kind there is one event, which takes up what comes
 * later. Waiting suits virtual threads. Safe for use by several threads, each of which gets other
 * events.
 */
public final class CgroupEventStream implements AutoCloseable {
  private final List<Source> sources;
  private final Mailbox mailbox;

  private CgroupEventStream(List<Source> sources) {
    this.sources = List.copyOf(sources);
    this.mailbox = new Mailbox(() -> Closing.all(this.sources));
  }

  static CgroupEventStream begin(List<Source> sources) {
    CgroupEventStream stream = new CgroupEventStream(sources);
    try {
      sources.forEach(source -> source.start(stream.mailbox));
      return stream;
    } catch (RuntimeException | Error failure) {
      Closing.after(failure, stream);
      throw failure;
    }
  }

  /**
   * Waits for the next event.
   *
   * @return the event; empty when the stream is closed, or the group was removed and {@link
   *     CgroupEvent.Removed} has been taken
   * @throws InterruptedException when the waiting thread is interrupted
   * @throws LinuxException when the group could not be read any more, such as ENODEV when a
   *     controller was taken from it; nothing else comes then
   */
  public Optional<CgroupEvent> next() throws InterruptedException {
    return mailbox.take(Optional.empty());
  }

  /**
   * Waits for the next event for a time.
   *
   * @param patience how long to wait at most
   * @return the event; empty when the time is up or nothing comes any more, which {@link #isOver}
   *     tells
   * @throws InterruptedException when the waiting thread is interrupted
   * @throws LinuxException when the group could not be read any more, such as ENODEV when a
   *     controller was taken from it; nothing else comes then
   */
  public Optional<CgroupEvent> next(Duration patience) throws InterruptedException {
    return mailbox.take(Optional.of(patience));
  }

  /**
   * Tells whether nothing comes any more.
   *
   * @return true when it is closed, or all is taken and the group was removed
   */
  public boolean isOver() {
    return mailbox.isOver();
  }

  /**
   * Ends it: whoever waits for an event gets none, and what was not taken is lost. Closing it again
   * does nothing.
   *
   * @throws LinuxException when the kernel refuses to close something
   */
  @Override
  public void close() {
    mailbox.close();
    Closing.all(sources);
  }
}
