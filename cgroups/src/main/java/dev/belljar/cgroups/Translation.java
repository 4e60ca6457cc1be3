package dev.belljar.cgroups;

import dev.belljar.cgroups.hierarchy.CgroupVersion;
import dev.belljar.cgroups.hierarchy.Subsystem;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Limits in the words of one version: what has to be written to the files of a group, in the order
 * in which the kernel wants it for a new one, and what the version cannot express.
 */
final class Translation {
  /** A limit that the version cannot express. */
  record Inexpressible(String limit, Optional<Subsystem> subsystem, String why) {}

  private final boolean fresh;
  private final List<ControlWrite> writes = new ArrayList<>();
  private final List<Inexpressible> inexpressible = new ArrayList<>();

  private Translation(boolean fresh) {
    this.fresh = fresh;
  }

  /** What a new group is to be given, which has the kernel's defaults. */
  static Translation of(Resources resources, CgroupVersion version) {
    return new Translation(true).with(resources, version);
  }

  /** What is to be changed in a group that may have other limits already. */
  static Translation ofChange(Resources resources, CgroupVersion version) {
    return new Translation(false).with(resources, version);
  }

  private Translation with(Resources resources, CgroupVersion version) {
    CpuWrites.add(this, resources, version);
    CpusetWrites.add(this, resources);
    MemoryWrites.add(this, resources, version);
    IoWrites.add(this, resources, version);
    OtherWrites.add(this, resources, version);
    return this;
  }

  /** Tells whether the group has the kernel's defaults, so that they need not be written. */
  boolean isFresh() {
    return fresh;
  }

  void write(ControlWrite write) {
    writes.add(write);
  }

  <T> void cannot(ResourceKey<T> key, T value, String why) {
    cannot(key.name() + " " + key.print().apply(value), Optional.of(key.subsystem()), why);
  }

  void cannot(String limit, Optional<Subsystem> subsystem, String why) {
    inexpressible.add(new Inexpressible(limit, subsystem, why));
  }

  List<ControlWrite> writes() {
    return writes;
  }

  List<Inexpressible> inexpressible() {
    return inexpressible;
  }
}
