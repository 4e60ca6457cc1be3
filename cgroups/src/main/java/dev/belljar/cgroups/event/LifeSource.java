package dev.belljar.cgroups.event;

import dev.belljar.cgroups.hierarchy.CgroupDirectory;
import dev.belljar.linux.Errno;
import dev.belljar.linux.LinuxException;

/**
 * Whether a group is still there. The kernel wakes nobody up when a group is removed, except who
 * waits for memory on version 1; so it is looked at now and then.
 */
final class LifeSource extends Source {
  private final long interval;
  private CgroupDirectory group;

  LifeSource(long interval) {
    this.interval = interval;
  }

  @Override
  void open(CgroupDirectory directory) {
    group = directory;
  }

  @Override
  void begin(Mailbox out) {
    poll(interval, out);
  }

  @Override
  void look(Mailbox out) {
    if (!group.has(IN_EVERY_GROUP)) {
      throw new LinuxException(Errno.ENODEV.number(), "faccessat2", "watching " + group, "");
    }
  }
}
