package dev.belljar.cgroups.event;

import dev.belljar.cgroups.hierarchy.CgroupDirectory;
import dev.belljar.cgroups.hierarchy.CgroupVersion;
import dev.belljar.cgroups.hierarchy.Hierarchy;
import dev.belljar.cgroups.hierarchy.Subsystem;
import dev.belljar.linux.BytePath;
import dev.belljar.linux.call.Closing;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/** Opens what tells of the chosen events of a group, on either version. */
final class Sources {
  private final Choice choice;
  private final List<CgroupDirectory> groups = new ArrayList<>();
  private final List<Source> sources = new ArrayList<>();
  private final List<String> lacks = new ArrayList<>();

  private Sources(Choice choice) {
    this.choice = choice;
  }

  /**
   * Opens them.
   *
   * @throws UnsupportedOperationException listing all that the group cannot tell
   */
  static Sources open(Map<Hierarchy, BytePath> places, Choice choice) {
    Sources made = new Sources(choice);
    try {
      places.forEach((hierarchy, path) -> made.groups.add(CgroupDirectory.open(hierarchy, path)));
      made.openAll();
      if (!made.lacks.isEmpty()) {
        throw new UnsupportedOperationException(String.join("; ", made.lacks));
      }
    } catch (RuntimeException | Error failure) {
      Closing.after(failure, made.sources.toArray(AutoCloseable[]::new));
      throw failure;
    } finally {
      Closing.all(made.groups);
    }
    return made;
  }

  List<Source> all() {
    return sources;
  }

  private void openAll() {
    if (!groups.isEmpty()) {
      add(new LifeSource(interval()), groups.getFirst());
    }
    openMemory();
    want(
        Choice.Kind.PIDS_LIMIT,
        this::openPids,
        "the pids limit needs a group with " + PidsEventsSource.FILE);
    boolean population = wants(Choice.Kind.POPULATION);
    boolean freezing = wants(Choice.Kind.FREEZING);
    Optional<CgroupDirectory> v2 = find(CgroupVersion.V2, StateSource.EVENTS);
    if (v2.isPresent() && (population || freezing)) {
      add(StateSource.v2(population, freezing), v2.get());
    } else if (v2.isEmpty()) {
      want(
          Choice.Kind.POPULATION,
          this::openPopulation,
          "whether there are processes cannot be told of a root group");
      want(
          Choice.Kind.FREEZING,
          this::openFreezing,
          "freezing needs a group of version 2, or in the hierarchy of the freezer");
    }
    for (long threshold : choice.thresholds()) {
      eventControl(ThresholdSource.FILE)
          .ifPresentOrElse(
              group -> add(new ThresholdSource(threshold, interval()), group),
              () -> lacks.add("a memory threshold needs the memory controller of version 1"));
    }
    for (PressureLevel level : choice.levels()) {
      eventControl(PressureLevelSource.FILE)
          .ifPresentOrElse(
              group -> add(new PressureLevelSource(level), group),
              () ->
                  lacks.add(
                      "levels of memory pressure need the memory controller of version 1; on"
                          + " version 2 there is stall()"));
    }
    for (StallTrigger trigger : choice.stalls()) {
      find(CgroupVersion.V2, trigger.resource().file())
          .ifPresentOrElse(
              group -> add(new StallSource(trigger), group),
              () ->
                  lacks.add(
                      trigger.resource().file()
                          + " needs a tree of version 2 and a kernel with CONFIG_PSI, not switched"
                          + " off by psi=0"));
    }
  }

  private void openMemory() {
    boolean oom = wants(Choice.Kind.OOM);
    boolean limits = wants(Choice.Kind.MEMORY_LIMITS);
    Optional<CgroupDirectory> v2 = find(CgroupVersion.V2, MemoryEventsSource.FILE);
    if (v2.isPresent() && (oom || limits)) {
      add(new MemoryEventsSource(oom, limits, interval()), v2.get());
    } else if (v2.isEmpty()) {
      want(
          Choice.Kind.OOM,
          this::openOomControl,
          "events of memory need a group with the memory controller, not a root");
      want(
          Choice.Kind.MEMORY_LIMITS,
          this::openFailcnt,
          "breaches of memory limits need a group with the memory controller, not a root");
    }
  }

  private void add(Source source, CgroupDirectory group) {
    sources.add(source); // first, so that it is closed when opening it fails
    source.openFor(group);
  }

  /** Everything that can be had counts as wanted, when everything is. */
  private boolean wants(Choice.Kind kind) {
    return choice.kinds().contains(kind) || choice.kinds().contains(Choice.Kind.EVERYTHING);
  }

  private void want(Choice.Kind kind, BooleanSupplier opened, String lack) {
    if (wants(kind) && !opened.getAsBoolean() && choice.kinds().contains(kind)) {
      lacks.add(lack);
    }
  }

  private boolean openPids() {
    Optional<CgroupDirectory> v1 = find(CgroupVersion.V1, PidsEventsSource.FILE);
    if (v1.isPresent()) {
      add(new PidsEventsSource(false, interval()), v1.get());
      return true;
    }
    Optional<CgroupDirectory> v2 = find(CgroupVersion.V2, PidsEventsSource.FILE);
    v2.ifPresent(each -> add(new PidsEventsSource(true, interval()), each));
    return v2.isPresent();
  }

  private boolean openOomControl() {
    Optional<CgroupDirectory> group = eventControl(OomControlSource.FILE);
    group.ifPresent(each -> add(new OomControlSource(interval()), each));
    return group.isPresent();
  }

  private boolean openFailcnt() {
    Optional<CgroupDirectory> group = find(CgroupVersion.V1, FailcntSource.FILE);
    group.ifPresent(each -> add(new FailcntSource(interval()), each));
    return group.isPresent();
  }

  private boolean openPopulation() {
    if (groups.isEmpty()) {
      return false;
    }
    // The freezer's hierarchy, if there is one, since nothing escapes from it while being frozen.
    CgroupDirectory group = find(CgroupVersion.V1, StateSource.FREEZER).orElse(groups.getFirst());
    add(StateSource.population(interval()), group);
    return true;
  }

  private boolean openFreezing() {
    Optional<CgroupDirectory> group =
        find(CgroupVersion.V1, StateSource.FREEZER)
            .filter(each -> each.hierarchy().has(Subsystem.FREEZER));
    group.ifPresent(each -> add(StateSource.freezing(interval()), each));
    return group.isPresent();
  }

  private long interval() {
    return choice.interval().toNanos();
  }

  private Optional<CgroupDirectory> eventControl(String file) {
    return find(CgroupVersion.V1, file).filter(group -> group.has(EventControl.FILE));
  }

  private Optional<CgroupDirectory> find(CgroupVersion version, String file) {
    return groups.stream()
        .filter(group -> group.version() == version && group.has(file))
        .findFirst();
  }
}
