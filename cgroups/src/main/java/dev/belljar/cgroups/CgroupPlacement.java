package dev.belljar.cgroups;

import dev.belljar.cgroups.ControlWrite.FileValue;
import dev.belljar.cgroups.hierarchy.CgroupLayout;
import dev.belljar.cgroups.hierarchy.Hierarchy;
import dev.belljar.cgroups.tree.Names;
import dev.belljar.cgroups.tree.Undo;
import dev.belljar.linux.BytePath;
import dev.belljar.linux.Finding;
import dev.belljar.linux.LinuxException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Where the groups for a request can be made on this machine, and what the machine cannot give.
 *
 * <p>Found without making anything, and good for any number of groups. In the version 2 tree there
 * is always a group, if the user may make one, with all controllers the limits need; of the version
 * 1 hierarchies those are used that a limit needs. Nothing that this library did not start is ever
 * moved.
 */
public final class CgroupPlacement {
  private final CgroupRequest request;
  private final List<Place> places;
  private final boolean setsDevices;
  private final List<Finding> missing;
  private final List<Finding> findings;

  /** A seat and what is written to the files of each new group there. */
  private record Place(Seat seat, List<ControlWrite> writes) {}

  CgroupPlacement(
      CgroupRequest request,
      List<Seat> seats,
      boolean setsDevices,
      List<Finding> missing,
      List<Finding> findings) {
    this.request = request;
    this.places = seats.stream().map(seat -> place(seat, request.resources())).toList();
    this.setsDevices = setsDevices;
    List<Finding> lacking = new ArrayList<>(missing);
    places.forEach(place -> SampleGroup.find(place.seat(), place.writes(), lacking));
    this.missing = List.copyOf(lacking);
    List<Finding> all = new ArrayList<>(request.lenient() ? lacking : List.of());
    all.addAll(findings);
    this.findings = List.copyOf(all);
  }

  private static Place place(Seat seat, Resources resources) {
    Hierarchy hierarchy = seat.hierarchy();
    return new Place(
        seat,
        Translation.of(resources, hierarchy.version()).writes().stream()
            .filter(write -> write.subsystem().map(seat::has).orElse(true))
            .toList());
  }

  /**
   * Finds the places for a request; nothing is made.
   *
   * @param request what is asked
   * @return the places
   * @throws LinuxException when {@code /proc} or a group cannot be read
   */
  public static CgroupPlacement find(CgroupRequest request) {
    return PlacementSearch.find(CgroupLayout.current(), request);
  }

  /**
   * Returns what was asked.
   *
   * @return the request
   */
  public CgroupRequest request() {
    return request;
  }

  /**
   * Tells whether a group takes something from the others beside it even while nothing runs in it:
   * time for real-time tasks, or what raw keys of version 2 may be.
   *
   * @return whether it does
   */
  public boolean reserves() {
    return request.resources().get(ResourceKeys.CPU_REALTIME).isPresent()
        || !request.resources().unified().isEmpty();
  }

  /**
   * Returns the hierarchies in which a group is made.
   *
   * @return version 2 first; none when no group can be made
   */
  public List<Hierarchy> hierarchies() {
    return places.stream().map(place -> place.seat().hierarchy()).toList();
  }

  /**
   * Returns the groups below which they are made, in the order of {@link #hierarchies}.
   *
   * @return their paths
   */
  public List<BytePath> bases() {
    return places.stream().map(place -> place.seat().base()).toList();
  }

  /**
   * Returns the limits that this machine cannot set, and why.
   *
   * @return all of them; none when everything can be done
   */
  public List<Finding> missing() {
    return missing;
  }

  /**
   * Returns what a person should know before making the group: what surprises, and, when the
   * request is lenient, what is missing.
   *
   * @return the findings
   */
  public List<Finding> findings() {
    return findings;
  }

  /**
   * Makes a group in all hierarchies and sets its limits.
   *
   * @param name the group's name, which no other open group of this JVM has in the same place: a
   *     file name, without {@code /}
   * @return the group; empty when no hierarchy allows one and no limit was asked for
   * @throws UnsupportedOperationException when limits are missing and the request is not lenient;
   *     the message lists all
   * @throws IllegalArgumentException when the name is not a file name
   * @throws LinuxException when the kernel refuses; nothing is left behind
   */
  public Optional<Cgroup> create(String name) {
    if (!missing.isEmpty() && !request.lenient()) {
      throw new UnsupportedOperationException(
          String.join("; ", missing.stream().map(Finding::text).toList()));
    }
    Names.checkGroup(name);
    if (places.isEmpty()) {
      JvmCgroups.sweepOnce();
      return Optional.empty();
    }
    List<GroupDirectory> made = new ArrayList<>(places.size());
    List<Finding> found = new ArrayList<>(findings);
    try {
      for (Place place : places) {
        made.add(make(place.seat(), name, found));
      }
      fill(made, found);
      return Optional.of(new Cgroup(name, made, found));
    } catch (RuntimeException | Error e) {
      Undo.after(e, () -> Cgroup.remove(made));
      throw e;
    }
  }

  private void fill(List<GroupDirectory> made, List<Finding> found) {
    List<Finding> lacking = new ArrayList<>();
    List<Runnable> writes = new ArrayList<>();
    for (int i = 0; i < made.size(); i++) {
      GroupDirectory group = made.get(i);
      for (ControlWrite write : places.get(i).writes()) {
        FileChoice.of(write, group::has, lacking)
            .ifPresent(chosen -> writes.add(() -> write(group, write, chosen, found)));
      }
    }
    if (!lacking.isEmpty() && !request.lenient()) {
      throw new UnsupportedOperationException(
          String.join("; ", lacking.stream().map(Finding::text).toList()));
    }
    lacking.removeAll(missing); // which are among those found
    found.addAll(lacking);
    writes.forEach(Runnable::run);
    request
        .resources()
        .get(ResourceKeys.DEVICES)
        .filter(_ -> setsDevices)
        .ifPresent(rules ->
            DeviceLimit.holder(made)
                .filter(group -> DeviceLimit.canSay(group, rules))
                .ifPresent(group -> DeviceLimit.set(group, rules)));
  }

  private static void write(
      GroupDirectory group, ControlWrite write, FileValue chosen, List<Finding> found) {
    if (chosen.file().equals(CpuWrites.RT_RUNTIME)) {
      double period = group.readNumber(CpuWrites.RT_PERIOD);
      var _ = group.provideRealtime(Long.parseLong(chosen.value()) / period);
    }
    CpusetSpan.write(group, chosen);
    if (write.exact()) {
      return;
    }
    chosen
        .contents()
        .shown(group.read(chosen.file()), chosen.value())
        .filter(shown -> !shown.equals(chosen.value()))
        .ifPresent(shown ->
            found.add(
                Finding.pitfall(
                    "the kernel rounded the limit %s to %s".formatted(write.limit(), shown))));
  }

  private static GroupDirectory make(Seat seat, String name, List<Finding> found) {
    ParentGroup parent = JvmCgroups.enter(seat, found);
    try {
      return GroupDirectory.make(parent, name);
    } catch (RuntimeException | Error e) {
      Undo.after(e, () -> JvmCgroups.leave(parent));
      throw e;
    }
  }
}
