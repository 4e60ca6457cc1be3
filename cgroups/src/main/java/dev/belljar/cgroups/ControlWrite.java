package dev.belljar.cgroups;

import dev.belljar.cgroups.hierarchy.Subsystem;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * One value for a control file of a group.
 *
 * @param limit the limit it is written for, as a person would say it
 * @param subsystem whose file it is; none for a file that every group of version 2 has
 * @param candidates files that can take it, with the value each wants; the first that the group has
 *     is written
 * @param needs what a machine must have for any of them to be there; empty where every kernel has
 *     the file
 * @param exact whether the kernel takes the value as it is, so that it need not be read back
 */
record ControlWrite(
    String limit,
    Optional<Subsystem> subsystem,
    List<FileValue> candidates,
    Optional<String> needs,
    boolean exact) {

  /**
   * A file and what is written to it.
   *
   * @param contents how the file shows the value, for reading it back and restoring it
   */
  record FileValue(String file, String value, Contents contents) {
    FileValue(String file, String value) {
      this(file, value, Contents.WHOLE);
    }
  }

  ControlWrite {
    candidates = List.copyOf(candidates);
  }

  static ControlWrite exact(String limit, Subsystem subsystem, String file, String value) {
    return new ControlWrite(
        limit, Optional.of(subsystem), List.of(new FileValue(file, value)), Optional.empty(), true);
  }

  static ControlWrite exact(String limit, Subsystem subsystem, String file, long value) {
    return exact(limit, subsystem, file, Long.toString(value));
  }

  /** One that the kernel may round. */
  ControlWrite rounded() {
    return new ControlWrite(limit, subsystem, candidates, needs, false);
  }

  /** One whose file not every machine has. */
  ControlWrite needing(String what) {
    return new ControlWrite(limit, subsystem, candidates, Optional.of(what), exact);
  }

  /** One whose file has a line for each of several keys. */
  ControlWrite showing(Contents contents) {
    List<FileValue> shown =
        candidates.stream()
            .map(each -> new FileValue(each.file(), each.value(), contents))
            .toList();
    return new ControlWrite(limit, subsystem, shown, needs, exact);
  }

  /** One that another file can take as well, where the group has not this one's. */
  ControlWrite orElse(FileValue other) {
    List<FileValue> all = new ArrayList<>(candidates);
    all.add(other);
    return new ControlWrite(limit, subsystem, all, needs, exact);
  }
}
