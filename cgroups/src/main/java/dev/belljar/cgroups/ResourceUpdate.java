package dev.belljar.cgroups;

import dev.belljar.cgroups.ControlWrite.FileValue;
import dev.belljar.cgroups.controller.DeviceRules;
import dev.belljar.cgroups.hierarchy.CgroupVersion;
import dev.belljar.cgroups.hierarchy.Subsystem;
import dev.belljar.cgroups.hierarchy.Written;
import dev.belljar.cgroups.tree.Undo;
import dev.belljar.linux.Finding;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * New limits for a group that may be running: the files that have to be written, in the order that
 * the kernel wants for going from the earlier values to the new ones. When one is refused, the
 * earlier values are put back.
 */
final class ResourceUpdate {
  /** A file of a group or of one below it that will be written, and what it held before. */
  record Change(GroupDirectory group, FileValue chosen, String before) {
    String file() {
      return chosen.file();
    }

    void apply() {
      if (file().equals(CpuWrites.RT_RUNTIME)) {
        group.provideRealtime(Long.parseLong(chosen.value()));
      }
      group.write(file(), chosen.value());
    }

    void undo() {
      group.write(file(), chosen.contents().restoring(before, chosen.value()));
    }

    Written<String> result() {
      String shown =
          chosen.contents().shown(group.read(file()), chosen.value()).orElse(chosen.value());
      return new Written<>(file(), chosen.value(), shown);
    }
  }

  private final List<GroupDirectory> groups;
  private final List<Change> changes = new ArrayList<>();
  private Optional<DeviceRules> devices = Optional.empty();

  private ResourceUpdate(List<GroupDirectory> groups) {
    this.groups = groups;
  }

  /**
   * Plans an update; nothing is written yet.
   *
   * @throws UnsupportedOperationException listing all limits that the group cannot have
   * @throws IllegalArgumentException when the limits contradict those the group has
   * @throws IllegalStateException when the update is refused for what it would do
   */
  static ResourceUpdate plan(
      List<GroupDirectory> groups, Resources resources, Set<UpdateOption> options) {
    ResourceUpdate update = new ResourceUpdate(groups);
    update.choose(resources);
    UpdateOrder.sort(update.changes);
    if (!options.contains(UpdateOption.MAY_KILL)) {
      update.refuseKilling();
    }
    return update;
  }

  private void choose(Resources resources) {
    List<Finding> missing = new ArrayList<>();
    devices = resources.get(ResourceKeys.DEVICES);
    for (Resources.RequestedLimit limit : resources.limits()) {
      if (holder(limit).isEmpty()) {
        missing.add(
            Finding.missing(
                "the limit %s cannot be set: the group was made without the controller %s"
                    .formatted(
                        limit.text(),
                        limit.subsystem().map(each -> each.v1Name()).orElse("of version 2"))));
      }
    }
    for (GroupDirectory group : groups) {
      Resources whole = SwapLimit.complete(resources, group);
      Translation translation = Translation.of(whole, group.version());
      for (Translation.Inexpressible limit : translation.inexpressible()) {
        if (limit.subsystem().map(group::hasFilesOf).orElse(group.version() == CgroupVersion.V2)) {
          missing.add(
              Finding.missing("the limit " + limit.limit() + " cannot be set: " + limit.why()));
        }
      }
      for (ControlWrite write : translation.writes()) {
        if (write.subsystem().map(group::hasFilesOf).orElse(true)) {
          FileChoice.of(write, group::has, missing)
              .ifPresent(
                  chosen -> changes.add(new Change(group, chosen, group.read(chosen.file()))));
        }
      }
    }
    if (!missing.isEmpty()) {
      throw new UnsupportedOperationException(
          String.join("; ", missing.stream().map(Finding::text).distinct().toList()));
    }
  }

  private Optional<GroupDirectory> holder(Resources.RequestedLimit limit) {
    if (limit.subsystem().equals(Optional.of(Subsystem.DEVICES))) {
      return DeviceLimit.holder(groups);
    }
    return groups.stream()
        .filter(group ->
            limit.subsystem().map(group::hasFilesOf).orElse(group.version() == CgroupVersion.V2))
        .findFirst();
  }

  private void refuseKilling() {
    for (Change change : changes) {
      if (change.file().equals(MemoryWrites.V2_MAX)
          && !change.chosen().value().equals("max")
          && Long.parseLong(change.chosen().value())
              < change.group().readNumber("memory.current")) {
        throw new IllegalStateException(
            ("a memory limit of %s is below what %s uses, so the kernel would kill its processes;"
                    + " ask for UpdateOption.MAY_KILL to have that")
                .formatted(change.chosen().value(), change.group().path()));
      }
    }
  }

  /**
   * Writes all files, and reads them back.
   *
   * @return what the kernel made of each
   * @throws dev.belljar.linux.LinuxException when the kernel refuses one; the earlier values are
   *     back then
   */
  List<Written<String>> apply() {
    List<Runnable> undo = new ArrayList<>();
    try {
      for (Change change : changes) {
        undo.addAll(0, CpusetSpan.widen(change));
        change.apply();
        undo.addFirst(change::undo);
      }
      // Last, since they are set as a whole or not at all.
      devices.ifPresent(rules -> DeviceLimit.set(DeviceLimit.holder(groups).orElseThrow(), rules));
    } catch (RuntimeException | Error e) {
      Undo.after(e, undo.toArray(Runnable[]::new));
      throw e;
    }
    return changes.stream().map(Change::result).toList();
  }
}
