package dev.belljar.cgroups.event;

import dev.belljar.linux.LinuxException;
import java.util.Optional;
import java.util.function.Consumer;

/** A listener being told of events, until it is closed or the group is removed. */
public final class CgroupSubscription implements AutoCloseable {
  private final CgroupEventStream stream;
  private final Consumer<CgroupEvent> listener;
  private final Thread thread;

  private CgroupSubscription(CgroupEventStream stream, Consumer<CgroupEvent> listener) {
    this.stream = stream;
    this.listener = listener;
    this.thread = Thread.ofVirtual().name("belljar-cgroup-listener").unstarted(this::run);
  }

  static CgroupSubscription begin(CgroupEventStream stream, Consumer<CgroupEvent> listener) {
    CgroupSubscription made = new CgroupSubscription(stream, listener);
    made.thread.start();
    return made;
  }

  private void run() {
    while (!stream.isOver()) {
      try {
        Optional<CgroupEvent> next = stream.next();
        if (next.isEmpty()) {
          return;
        }
        listener.accept(next.get());
      } catch (InterruptedException e) {
        return; // by the listener itself
      } catch (RuntimeException | Error e) {
        thread.getUncaughtExceptionHandler().uncaughtException(thread, e);
      }
    }
  }

  /**
   * Ends the telling; what is being told at that moment is not waited for. Closing it again does
   * nothing.
   *
   * @throws LinuxException when the kernel refuses to close something
   */
  @Override
  public void close() {
    stream.close();
  }
}
