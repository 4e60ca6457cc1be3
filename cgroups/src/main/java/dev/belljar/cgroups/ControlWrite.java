package dev.belljar.cgroups;

import dev.belljar.cgroups.hierarchy.CgroupVersion;
import dev.belljar.cgroups.hierarchy.Subsystem;
import java.util.ArrayList;
import java.util.List;

/**
 * One value for one control file of a new group.
 *
 * @param subsystem whose file it is
 * @param file the file's name
 * @param value what is written
 */
record ControlWrite(Subsystem subsystem, String file, String value) {
  /** Returns what has to be written for some limits, in the order in which the kernel wants it. */
  static List<ControlWrite> of(Resources resources, CgroupVersion version) {
    List<ControlWrite> writes = new ArrayList<>();
    CpuController.addWrites(writes, resources, version);
    MemoryController.addWrites(writes, resources, version);
    PidsController.addWrites(writes, resources, version);
    return writes;
  }
}
