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
  /**
   * A file of a group or of one below it that will be written, and what it held before.
   *
   * @param lost another file that the write changes too, with what it held before
   */
  record Change(GroupDirectory group, FileValue chosen, String before, Optional<FileValue> lost) {
    static Change of(GroupDirectory group, FileValue chosen) {
      return new Change(group, chosen, group.read(chosen.file()), CpuWrites.lost(group, chosen));
    }

    String file() {
      return chosen.file();
    }

    void apply() {
      group.write(file(), chosen.value());
    }

    void undo() {
      group.write(file(), chosen.contents().restoring(before, chosen.value()));
      lost.ifPresent(other -> group.write(other.file(), other.value()));
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
    LoweredLimits.refuseOfOwnGroup(update.changes);
    update.devices.ifPresent(
        rules -> DeviceLimit.refuseOfOwnGroup(DeviceLimit.holder(groups).orElseThrow(), rules));
    if (!options.contains(UpdateOption.MAY_KILL)) {
      LoweredLimits.refuseKilling(update.changes);
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
      Translation translation = Translation.ofChange(whole, group.version());
      for (Translation.Inexpressible limit : translation.inexpressible()) {
        if (limit.subsystem().map(group::hasFilesOf).orElse(group.version() == CgroupVersion.V2)) {
          missing.add(
              Finding.missing("the limit " + limit.limit() + " cannot be set: " + limit.why()));
        }
      }
      for (ControlWrite write : translation.writes()) {
        if (write.subsystem().map(group::hasFilesOf).orElse(true)) {
          FileChoice.of(write, group::has, missing)
              .ifPresent(chosen -> changes.add(Change.of(group, chosen)));
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
      RealtimeUpdate.provide(changes).ifPresent(undo::add);
      for (Change change : changes) {
        CpusetSpan.widen(change, undo);
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
