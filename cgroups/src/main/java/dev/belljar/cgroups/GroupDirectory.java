package dev.belljar.cgroups;

import dev.belljar.cgroups.hierarchy.CgroupDirectory;
import dev.belljar.cgroups.hierarchy.CgroupVersion;
import dev.belljar.cgroups.hierarchy.ControlFileErrors;
import dev.belljar.cgroups.hierarchy.Hierarchy;
import dev.belljar.cgroups.hierarchy.OwnGroup;
import dev.belljar.cgroups.hierarchy.RefusedWrite;
import dev.belljar.cgroups.hierarchy.Subsystem;
import dev.belljar.cgroups.tree.Backoff;
import dev.belljar.cgroups.tree.Cpusets;
import dev.belljar.cgroups.tree.GroupKill;
import dev.belljar.cgroups.tree.GroupTree;
import dev.belljar.cgroups.tree.Undo;
import dev.belljar.linux.BytePath;
import dev.belljar.linux.Descriptor;
import dev.belljar.linux.Errno;
import dev.belljar.linux.LinuxException;
import dev.belljar.linux.call.DirectoryCalls;
import dev.belljar.linux.call.FileCalls;
import dev.belljar.linux.call.OpenFlags;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;

/** One group in one hierarchy: a directory of control files. */
final class GroupDirectory {
  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final int MODE = 0755;

  private final ParentGroup parent;
  private final String name;
  private volatile boolean removed;
  private CgroupDirectory handle;

  private GroupDirectory(ParentGroup parent, String name) {
    this.parent = parent;
    this.name = name;
  }

  /**
   * Makes a group.
   *
   * @param parent the parent group, entered for it, and left again when it is removed
   * @param name its name
   * @throws LinuxException EEXIST when there is one of the name
   */
  static GroupDirectory make(ParentGroup parent, String name) {
    try {
      DirectoryCalls.make(parent.directory(), name, MODE);
    } catch (LinuxException e) {
      throw e.doing("making the group " + parent.path() + "/" + name);
    }
    GroupDirectory made = new GroupDirectory(parent, name);
    try {
      made.fillCpuset();
      return made;
    } catch (RuntimeException | Error e) {
      Undo.after(e, () -> made.removeDirectory(new Backoff(PATIENCE)));
      throw e;
    }
  }

  private void fillCpuset() {
    if (hierarchy().startsEmpty()) {
      try (Descriptor group = openDirectory()) {
        Cpusets.fill(parent.directory(), group.number());
      }
    }
  }

  Hierarchy hierarchy() {
    return parent.seat().hierarchy();
  }

  ParentGroup parent() {
    return parent;
  }

  CgroupVersion version() {
    return hierarchy().version();
  }

  BytePath path() {
    return parent.path().resolve(name);
  }

  Descriptor openDirectory() {
    return DirectoryCalls.open(directory(), name);
  }

  Descriptor openForWriting(String file) {
    return FileCalls.open(directory(), name + "/" + file, OpenFlags.O_WRONLY);
  }

  void write(String file, String value) {
    try {
      FileCalls.writeFile(directory(), name + "/" + file, value);
    } catch (LinuxException e) {
      throw explained(e, path(), file, value);
    }
  }

  /** Says which rule was broken, where {@link ControlFileErrors} knows. */
  private LinuxException explained(LinuxException e, BytePath group, String file, String value) {
    LinuxException clear = e.doing("writing " + value.strip() + " to " + group.resolve(file));
    Optional<Errno> errno = e.error();
    if (errno.isEmpty()) {
      return clear;
    }
    try (CgroupDirectory open = CgroupDirectory.open(hierarchy(), group)) {
      return ControlFileErrors.find(new RefusedWrite(open, file, value, errno.get()))
          .map(row -> clear.withRemedy(row.toString()))
          .orElse(clear);
    } catch (LinuxException unreadable) {
      return clear;
    }
  }

  /** Tells whether it has the files of a subsystem. */
  boolean hasFilesOf(Subsystem subsystem) {
    return version() == CgroupVersion.V1 ? hierarchy().has(subsystem) : parent.isEnabled(subsystem);
  }

  boolean has(String file) {
    return FileCalls.exists(directory(), name + "/" + file);
  }

  /**
   * Gives the group above as much time for real-time tasks as this group will need.
   *
   * @param share how much of the processor time it will need, 0 to 1
   * @return what the group above had before, in microseconds of its period
   */
  long provideRealtime(double share) {
    try {
      return RealtimeBudget.provide(directory(), name, share);
    } catch (LinuxException e) {
      throw explained(e, parent.path(), CpuWrites.RT_RUNTIME, Double.toString(share));
    }
  }

  /** Takes back what the group above was given for this one. */
  void restoreRealtime(long runtimeMicros) {
    RealtimeBudget.restore(directory(), runtimeMicros);
  }

  /** Reads a control file, without the newline at its end. */
  String read(String file) {
    try {
      byte[] text = FileCalls.readFile(directory(), name + "/" + file);
      int length = text.length > 0 && text[text.length - 1] == '\n' ? text.length - 1 : text.length;
      return new String(text, 0, length, StandardCharsets.UTF_8);
    } catch (LinuxException e) {
      throw e.doing("reading " + path() + "/" + file);
    }
  }

  long readNumber(String file) {
    return Long.parseLong(read(file));
  }

  Set<Long> processes() {
    return GroupTree.processes(directory(), nameBytes());
  }

  /** The same group as users of typed controllers take it; closed when this one is removed. */
  synchronized CgroupDirectory handle() {
    directory(); // refuses when it is removed
    if (handle == null) {
      handle = CgroupDirectory.open(hierarchy(), path());
    }
    return handle;
  }

  /** Refuses an act when this JVM is in the group or below it. */
  void refuseOwn(String what) {
    if (!removed) {
      OwnGroup.refuse(parent.directory(), nameBytes(), path(), what);
    }
  }

  /** Kills what is in it, unless this JVM is; nothing once it is removed. */
  void kill() {
    if (removed || isEmpty()) {
      return;
    }
    refuseOwn("killing");
    if (version() == CgroupVersion.V2) {
      GroupKill.v2(parent.directory(), nameBytes());
    } else {
      boolean freezer = hierarchy().has(Subsystem.FREEZER);
      GroupKill.v1(parent.directory(), nameBytes(), freezer, new Backoff(PATIENCE));
    }
  }

  /** Tells whether it holds no process: version 2 says so, version 1 has to be asked for a list. */
  private boolean isEmpty() {
    return version() == CgroupVersion.V2
        ? !GroupTree.isPopulated(parent.directory(), nameBytes())
        : GroupTree.processes(parent.directory(), nameBytes()).isEmpty();
  }

  /** Removes it with all groups below it, once; when it fails, it may be called again. */
  synchronized void remove(Backoff patience) {
    if (removed) {
      return;
    }
    try {
      removeDirectory(patience);
    } catch (LinuxException e) {
      if (!e.is(Errno.EBUSY)) { // which has been waited for
        Undo.after(e, () -> removeAfterAll(patience));
      }
      throw e;
    }
    leave();
  }

  // What fails once need not fail again; and it may be gone, and would hold its parent for ever.
  private void removeAfterAll(Backoff patience) {
    removeDirectory(patience);
    leave();
  }

  private void leave() {
    removed = true;
    Undo.all(this::closeHandle, () -> JvmCgroups.leave(parent));
  }

  private void closeHandle() {
    if (handle != null) {
      handle.close();
    }
  }

  private void removeDirectory(Backoff patience) {
    GroupTree.remove(parent.directory(), nameBytes(), patience);
  }

  private int directory() {
    if (removed) {
      throw new IllegalStateException("the group " + path() + " has been removed");
    }
    return parent.directory();
  }

  private byte[] nameBytes() {
    return name.getBytes(StandardCharsets.UTF_8);
  }
}
