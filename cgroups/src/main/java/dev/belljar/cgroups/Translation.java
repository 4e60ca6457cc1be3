package dev.belljar.cgroups;

import dev.belljar.cgroups.hierarchy.CgroupVersion;
import dev.belljar.cgroups.hierarchy.Subsystem;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Limits in the words of one version: what has to be written to the files of a new group, in the
 * order in which the kernel wants it, and what the version cannot express.
 */
final class Translation {
  /** A limit that the version cannot express. */
  record Inexpressible(String limit, Optional<Subsystem> subsystem, String why) {}

  private final List<ControlWrite> writes = new ArrayList<>();
  private final List<Inexpressible> inexpressible = new ArrayList<>();

  private Translation() {}

  static Translation of(Resources resources, CgroupVersion version) {
    Translation translation = new Translation();
    CpuWrites.add(translation, resources, version);
    CpusetWrites.add(translation, resources);
    MemoryWrites.add(translation, resources, version);
    IoWrites.add(translation, resources, version);
    OtherWrites.add(translation, resources, version);
    return translation;
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
