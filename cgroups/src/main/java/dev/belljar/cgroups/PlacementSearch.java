package dev.belljar.cgroups;

import dev.belljar.cgroups.controller.BlkioV1;
import dev.belljar.cgroups.hierarchy.CgroupLayout;
import dev.belljar.cgroups.hierarchy.CgroupVersion;
import dev.belljar.cgroups.hierarchy.Hierarchy;
import dev.belljar.cgroups.hierarchy.Subsystem;
import dev.belljar.linux.BytePath;
import dev.belljar.linux.Finding;
import dev.belljar.linux.call.FileCalls;
import dev.belljar.linux.syscall.Syscall;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Finds where the groups for a request can be made, and what cannot be had, without making
 * anything.
 */
final class PlacementSearch {
  // Those that tell something at run time, or let a group be frozen.
  private static final Set<Subsystem> ACCOUNTING =
      EnumSet.of(
          Subsystem.CPU,
          Subsystem.CPUACCT,
          Subsystem.MEMORY,
          Subsystem.BLKIO,
          Subsystem.FREEZER,
          Subsystem.HUGETLB,
          Subsystem.PIDS,
          Subsystem.RDMA,
          Subsystem.MISC);

  private final CgroupLayout layout;
  private final CgroupRequest request;
  private final List<Seat> seats = new ArrayList<>();
  private final List<Finding> missing = new ArrayList<>();
  private final List<Finding> findings = new ArrayList<>();
  private boolean setsDevices;

  private PlacementSearch(CgroupLayout layout, CgroupRequest request) {
    this.layout = layout;
    this.request = request;
    this.setsDevices = request.resources().get(ResourceKeys.DEVICES).isPresent();
  }

  static CgroupPlacement find(CgroupLayout layout, CgroupRequest request) {
    PlacementSearch search = new PlacementSearch(layout, request);
    search.run();
    return new CgroupPlacement(
        request, search.seats, search.setsDevices, search.missing, search.findings);
  }

  private void run() {
    Set<Hierarchy> v1 = new LinkedHashSet<>();
    Set<Subsystem> v2 = EnumSet.noneOf(Subsystem.class);
    for (Subsystem subsystem : request.resources().subsystems()) {
      Optional<Hierarchy> hierarchy = layout.with(subsystem);
      if (subsystem == Subsystem.DEVICES && DeviceLimit.isOnV2(layout)) {
        lackRules(DeviceLimit.lackOnV2());
        continue; // where it needs a group, but no controller
      }
      if (hierarchy.isEmpty()) {
        if (!lackIn(layoutVersion(), subsystem)) {
          lack(subsystem, Lack.noHierarchy(layout, subsystem));
        }
        continue;
      }
      lackIn(hierarchy.get().version(), subsystem);
      if (hierarchy.get().version() == CgroupVersion.V1) {
        v1.add(hierarchy.get());
      } else {
        v2.add(subsystem);
      }
    }
    lackOfV2();
    warnOfBufferedWrites();
    if (request.accounting()) {
      layout.hierarchies().stream()
          .filter(each -> each.version() == CgroupVersion.V1)
          .filter(each -> each.subsystems().stream().anyMatch(ACCOUNTING::contains))
          .filter(each -> baseV1(each).isPresent())
          .forEach(v1::add);
    }
    layout.v2().ifPresent(hierarchy -> seatV2(hierarchy, v2));
    v1.forEach(this::seatV1);
    if (request.killable() && layout.v2().isEmpty()) {
      seatFreezer();
    }
  }

  private CgroupVersion layoutVersion() {
    return layout.kind() == CgroupLayout.Kind.V2 ? CgroupVersion.V2 : CgroupVersion.V1;
  }

  /** Adds the limits of a subsystem that a version cannot express; tells whether there are any. */
  private boolean lackIn(CgroupVersion version, Subsystem subsystem) {
    int before = missing.size();
    for (Translation.Inexpressible limit :
        Translation.of(request.resources(), version).inexpressible()) {
      if (limit.subsystem().equals(Optional.of(subsystem))) {
        missing.add(cannot(limit.limit(), limit.why()));
      }
    }
    return missing.size() > before;
  }

  private void lackOfV2() {
    if (layout.v2().isEmpty()) {
      request.resources().limits().stream()
          .filter(limit -> limit.subsystem().isEmpty())
          .forEach(
              limit -> missing.add(cannot(limit.text(), "no hierarchy of cgroup v2 is mounted")));
    }
  }

  private void warnOfBufferedWrites() {
    boolean onV1 =
        layout
            .with(Subsystem.BLKIO)
            .map(hierarchy -> hierarchy.version() == CgroupVersion.V1)
            .orElse(false);
    Resources resources = request.resources();
    if (onV1
        && (resources.get(ResourceKeys.IO_WRITE_BPS).isPresent()
            || resources.get(ResourceKeys.IO_WRITE_IOPS).isPresent())) {
      findings.add(BlkioV1.bufferedWritesEscape());
    }
  }

  private void lack(Subsystem subsystem, String why) {
    for (Resources.RequestedLimit limit : request.resources().limits()) {
      if (limit.subsystem().equals(Optional.of(subsystem))) {
        missing.add(cannot(limit.text(), why));
      }
    }
  }

  private void lackRules(Optional<String> why) {
    if (setsDevices && why.isPresent()) {
      setsDevices = false;
      lack(Subsystem.DEVICES, why.get());
    }
  }

  private static Finding cannot(String limit, String why) {
    return Finding.missing("the limit " + limit + " cannot be set: " + why);
  }

  private void seatV1(Hierarchy hierarchy) {
    Optional<BytePath> base = baseV1(hierarchy);
    if (base.isPresent()) {
      seats.add(new Seat(hierarchy, base.get(), Set.of()));
    } else {
      for (Subsystem subsystem : hierarchy.subsystems()) {
        lack(subsystem, Lack.notWritable(hierarchy, wanted(hierarchy)));
      }
    }
  }

  private void seatFreezer() {
    Optional<Hierarchy> freezer = layout.with(Subsystem.FREEZER);
    Optional<BytePath> base = freezer.flatMap(this::baseV1);
    if (base.isEmpty()) {
      findings.add(
          Finding.pitfall(
              "without a group in the freezer's hierarchy a process that forks without end can"
                  + " escape being killed"));
    } else if (seats.stream().noneMatch(seat -> seat.hierarchy().equals(freezer.get()))) {
      seats.add(new Seat(freezer.get(), base.get(), Set.of()));
    }
  }

  private Optional<BytePath> baseV1(Hierarchy hierarchy) {
    Optional<BytePath> wanted = wanted(hierarchy);
    Optional<BytePath> existing = wanted.map(path -> BaseGroup.nearestExisting(hierarchy, path));
    return existing.filter(PlacementSearch::isWritable).flatMap(ignored -> wanted);
  }

  private static boolean isWritable(BytePath group) {
    return FileCalls.isWritable(Syscall.AT_FDCWD, group.bytes());
  }

  /** Where the request wants its groups: in the parent it names, or else in the JVM's own group. */
  private Optional<BytePath> wanted(Hierarchy hierarchy) {
    return request.parent().isPresent()
        ? Optional.of(hierarchy.mountPoint().resolve(request.parent().get()))
        : hierarchy.own();
  }

  private void seatV2(Hierarchy hierarchy, Set<Subsystem> needed) {
    Set<Subsystem> controllers = EnumSet.noneOf(Subsystem.class);
    controllers.addAll(needed);
    for (Subsystem subsystem : needed) {
      List<V2Group> looked = look(hierarchy, Set.of(subsystem));
      if (looked.stream().noneMatch(V2Group::fits)) {
        controllers.remove(subsystem);
        lack(subsystem, Lack.ofV2(hierarchy, looked, subsystem));
      }
    }
    if (request.accounting()) {
      addCounting(hierarchy, controllers);
    }
    while (true) {
      List<V2Group> looked = look(hierarchy, controllers);
      Optional<V2Group> found = looked.stream().filter(V2Group::fits).findFirst();
      if (found.isPresent()) {
        BytePath base = request.parent().isPresent() ? wanted(hierarchy).get() : found.get().path();
        seats.add(new Seat(hierarchy, base, controllers));
        return;
      }
      if (controllers.isEmpty()) {
        if (DeviceLimit.isOnV2(layout)) {
          lackRules(Optional.of(Lack.ofV2(hierarchy, looked)));
        }
        if (needed.isEmpty()) {
          findings.add(
              Finding.pitfall("no control group is made: " + Lack.ofV2(hierarchy, looked)));
        }
        return;
      }
      // Each alone would be possible, though not in the same place.
      Subsystem last = controllers.stream().reduce((first, second) -> second).orElseThrow();
      controllers.remove(last);
      lack(last, "no group that this JVM may write to can hold it beside the other limits");
    }
  }

  /** Adds the controllers that count, as far as they can be had beside those that limits need. */
  private void addCounting(Hierarchy hierarchy, Set<Subsystem> controllers) {
    for (Subsystem counting : ACCOUNTING) {
      if (hierarchy.has(counting) && controllers.add(counting)) {
        if (look(hierarchy, controllers).stream().noneMatch(V2Group::fits)) {
          controllers.remove(counting);
        }
      }
    }
  }

  private List<V2Group> look(Hierarchy hierarchy, Set<Subsystem> controllers) {
    List<BytePath> bases =
        request.parent().isPresent()
            ? List.of(BaseGroup.nearestExisting(hierarchy, wanted(hierarchy).get()))
            : Bases.possible(hierarchy);
    List<V2Group> looked = new ArrayList<>();
    for (BytePath base : bases) {
      V2Group group = V2Group.look(base, hierarchy.own(), controllers);
      looked.add(group);
      if (group.fits()) {
        break;
      }
    }
    return looked;
  }
}
