package dev.belljar.cgroups.event;

import dev.belljar.cgroups.hierarchy.CgroupDirectory;
import dev.belljar.linux.Errno;
import dev.belljar.linux.LinuxException;
import dev.belljar.linux.call.Closing;
import dev.belljar.linux.event.EventLoop;
import dev.belljar.linux.event.Timers;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Where events of a group come from: something that wakes the event loop up, and counters that are
 * read then.
 *
 * <p>After a wake-up the descriptor is left alone for 10 ms, so that a storm of notifications takes
 * a hundred wake-ups a second at most; nothing is lost, since it stays ready. A group that is gone
 * makes its files ready for ever: they are not waited for any more, and closed at once.
 */
abstract class Source implements AutoCloseable {
  static final String IN_EVERY_GROUP = "cgroup.procs";

  private static final long PAUSE = TimeUnit.MILLISECONDS.toNanos(10);
  private static final long MOST_BETWEEN_FILES = TimeUnit.SECONDS.toNanos(1);

  private final List<AutoCloseable> open = new ArrayList<>();
  private Mailbox mailbox;
  private EventLoop.Watch watch;
  private Timers.Timer timer;
  private Timers.Timer poller;
  private CgroupDirectory place;
  private long again;
  private long lost;
  private boolean over;

  /**
   * Opens its files and reads what was before; when it fails, the source is closed by the caller.
   *
   * @param group the group, which stays open until the source ends
   * @throws LinuxException when the kernel refuses
   */
  abstract void open(CgroupDirectory group);

  /** Opens it for a group, which it then knows by a descriptor of its own. */
  final void openFor(CgroupDirectory group) {
    place = own(CgroupDirectory.open(group.hierarchy(), group.path()));
    open(place);
  }

  /** Keeps something open until the source ends. */
  <T extends AutoCloseable> T own(T resource) {
    open.add(resource);
    return resource;
  }

  /**
   * Reads the counters and tells what is new.
   *
   * @throws LinuxException ENODEV when the group is gone
   */
  abstract void look(Mailbox out);

  /** Begins, once; what is told of is what happens from now on. */
  abstract void begin(Mailbox out);

  /** Begins unless it has been closed, as it is when another source has found the group gone. */
  final synchronized void start(Mailbox out) {
    if (!over) {
      begin(out);
    }
  }

  /** How long to look again after a wake-up, in nanoseconds; see {@link OomControlSource}. */
  long patience() {
    return 0;
  }

  /** To be called by {@link #begin}: waits for a descriptor. */
  final synchronized void await(int fd, boolean priority, Mailbox out) {
    mailbox = out;
    watch = EventLoop.shared().watchOnce(fd, priority, this::wake);
  }

  /**
   * To be called by {@link #begin}: looks now and then, for what announces itself by no event, or
   * not by every one.
   */
  final synchronized void poll(long interval, Mailbox out) {
    mailbox = out;
    poller = EventLoop.shared().schedule(interval, () -> pollAgain(interval));
  }

  private synchronized void pollAgain(long interval) {
    if (lookNow()) {
      poller = EventLoop.shared().schedule(interval, () -> pollAgain(interval));
    }
  }

  private synchronized void wake() {
    again = PAUSE;
    if (lookNow()) {
      cancel(timer);
      timer = EventLoop.shared().schedule(PAUSE, this::rearm);
    }
  }

  private synchronized void rearm() {
    if (!over) {
      watch.again();
      lookAgain();
    }
  }

  private synchronized void lookAgain() {
    if (again <= patience() && lookNow()) {
      timer = EventLoop.shared().schedule(again, this::lookAgain);
      again *= 2;
    }
  }

  /** Returns whether it goes on. */
  private boolean lookNow() {
    if (over) {
      return false;
    }
    try {
      look(mailbox);
      return true;
    } catch (LinuxException e) {
      if (e.is(Errno.ENODEV)) {
        lost = System.nanoTime();
        findOut(e);
      } else {
        mailbox.failed(e); // closes this one too
      }
      return false;
    } catch (RuntimeException e) { // what cannot be parsed: nobody is to wait for ever
      mailbox.failed(e);
      return false;
    }
  }

  // The file is gone: most often with its group, of which the file of a controller goes a little
  // earlier than the rest; or the controller was taken from the group, which lives on.
  private synchronized void findOut(LinuxException gone) {
    if (over) {
      return;
    }
    if (!place.has(IN_EVERY_GROUP)) {
      mailbox.removed();
    } else if (System.nanoTime() - lost > MOST_BETWEEN_FILES) {
      mailbox.failed(gone.withRemedy("the group is there still: its controller was taken from it"));
    } else {
      cancel(timer);
      cancel(poller);
      timer = EventLoop.shared().schedule(PAUSE, () -> findOut(gone));
    }
  }

  private static void cancel(Timers.Timer timer) {
    if (timer != null) {
      timer.cancel();
    }
  }

  /** Ends it; closing it again does nothing. */
  @Override
  public synchronized void close() {
    if (over) {
      return;
    }
    over = true;
    cancel(timer);
    cancel(poller);
    List<AutoCloseable> all = new ArrayList<>();
    if (watch != null) {
      all.add(watch::cancel);
    }
    all.addAll(open);
    Closing.all(all);
  }
}
