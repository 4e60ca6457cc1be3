package dev.belljar.cgroups.event;

import dev.belljar.cgroups.hierarchy.CgroupDirectory;
import dev.belljar.cgroups.tree.FlatKeyed;

/**
 * Whether a group has processes, and whether it is frozen: {@code cgroup.events} of version 2, or
 * what has to be looked at now and then on version 1.
 */
final class StateSource extends Source {
  static final String EVENTS = "cgroup.events";
  static final String FREEZER = "freezer.state";

  private final String name;
  private final boolean population;
  private final boolean freezing;
  private final long interval;
  private EventFile file;
  private CgroupDirectory group;
  private boolean wasPopulated;
  private boolean wasFrozen;

  private StateSource(String name, boolean population, boolean freezing, long interval) {
    this.name = name;
    this.population = population;
    this.freezing = freezing;
    this.interval = interval;
  }

  /** Told of by the kernel, in a group of version 2. */
  static StateSource v2(boolean population, boolean freezing) {
    return new StateSource(EVENTS, population, freezing, 0);
  }

  /** Whether a group of version 1 has processes. */
  static StateSource population(long interval) {
    return new StateSource("cgroup.procs", true, false, interval);
  }

  /** Whether a group in the hierarchy of the freezer is frozen. */
  static StateSource freezing(long interval) {
    return new StateSource(FREEZER, false, true, interval);
  }

  @Override
  void open(CgroupDirectory directory) {
    group = directory;
    file = own(EventFile.open(directory, name));
    wasPopulated = isPopulated();
    wasFrozen = isFrozen();
  }

  private boolean isPopulated() {
    if (!population) {
      return false;
    }
    return name.equals(EVENTS) ? is("populated") : hasProcesses();
  }

  private boolean isFrozen() {
    if (!freezing) {
      return false;
    }
    return name.equals(EVENTS) ? is("frozen") : file.text().strip().equals("FROZEN");
  }

  private boolean is(String key) {
    return FlatKeyed.value(file.text(), key).orElse(0) == 1;
  }

  // The file is opened anew each time: version 1 gives an open one what it said the first time, as
  // long as it is asked more than once a second.
  private boolean hasProcesses() {
    return !group.processes().isEmpty();
  }

  @Override
  void begin(Mailbox out) {
    if (interval == 0) {
      await(file.fd(), true, out);
    } else {
      poll(interval, out);
    }
  }

  @Override
  void look(Mailbox out) {
    boolean populated = isPopulated();
    boolean frozen = isFrozen();
    if (populated != wasPopulated) {
      out.put(populated ? new CgroupEvent.Populated() : new CgroupEvent.Emptied());
    }
    if (frozen != wasFrozen) {
      out.put(frozen ? new CgroupEvent.Frozen() : new CgroupEvent.Thawed());
    }
    wasPopulated = populated;
    wasFrozen = frozen;
  }
}
