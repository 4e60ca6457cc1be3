package dev.belljar.rootfs.launch;

import dev.belljar.linux.BytePath;
import dev.belljar.linux.Errno;
import dev.belljar.linux.launch.ProgramBuilder.Label;
import dev.belljar.linux.launch.ProgramBuilder.Variable;
import dev.belljar.linux.launch.StepDraft;
import dev.belljar.rootfs.MountAttribute;
import dev.belljar.rootfs.NewMount;
import dev.belljar.rootfs.ProcFallback;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The container's /proc and, unless it has none, /sys.
 *
 * <p>Both are made or copied while the host's can still be seen: in a user namespace the kernel
 * makes a new one only where a complete one is in sight.
 */
final class KernelFiles {
  private static final Set<MountAttribute> HARMLESS =
      EnumSet.of(MountAttribute.NOSUID, MountAttribute.NODEV, MountAttribute.NOEXEC);

  /** As libcontainer has them: what changes the machine, not the container. */
  private static final List<String> READ_ONLY_IN_PROC =
      List.of("bus", "fs", "irq", "sys", "sysrq-trigger");

  private final MountSteps mounts;
  private final RootfsSettings settings;
  private final RootfsRequest request;
  private final boolean hasSys;
  private final Variable proc;
  private final Variable sys;

  KernelFiles(MountSteps mounts, RootfsSettings settings, RootfsRequest request, boolean procOnly) {
    this.mounts = mounts;
    this.request = request;
    this.settings = settings;
    this.hasSys = !procOnly || given("/sys").isPresent();
    this.proc = mounts.descriptor("proc");
    this.sys = mounts.descriptor("sys");
  }

  Variable proc() {
    return proc;
  }

  Variable sys() {
    return sys;
  }

  boolean hasSys() {
    return hasSys;
  }

  /** Which mounts are the kernel's own, by their places. */
  Map<BytePath, Variable> places() {
    return hasSys
        ? Map.of(KernelPaths.PROC, proc, KernelPaths.SYS, sys)
        : Map.of(KernelPaths.PROC, proc);
  }

  /** Whether /sys is the host's own, with what is mounted on it. */
  boolean sysIsTheHosts() {
    return settings.confined() && !settings.ownNet();
  }

  /** Whether /proc is the host's own, with what is mounted on it. */
  boolean procIsTheHosts() {
    return settings.confined() && !settings.ownPid();
  }

  // Parts of the host's have mounts on them that cannot be left out.
  private boolean mayBeTheHosts() {
    return procIsTheHosts() || settings.confined() && request.procFallback() == ProcFallback.BIND;
  }

  void take() {
    if (procIsTheHosts()) {
      takeTheHosts(proc, "/proc");
    } else {
      makeProc();
    }
    if (!hasSys) {
      return;
    }
    if (sysIsTheHosts()) {
      takeTheHosts(sys, "/sys");
    } else {
      mounts
          .make(sys, fileSystem("sysfs", "/sys"), "make a new /sys")
          .remedy(Errno.EPERM, tooRevealing("/sys", settings.confined()));
    }
  }

  private void makeProc() {
    StepDraft last = mounts.make(proc, fileSystem("proc", "/proc"), "make a new /proc");
    if (request.procFallback() == ProcFallback.FAIL || !settings.confined()) {
      last.remedy(Errno.EPERM, tooRevealing("/proc", settings.confined()));
      return;
    }
    if (given("/proc").filter(made -> !made.options().data().isEmpty()).isPresent()) {
      last.remedy(
          Errno.EPERM,
          tooRevealing("/proc", settings.confined())
              + "; the host's would not have the options that were asked for");
      return;
    }
    Label refused = mounts.program().label();
    Label done = mounts.program().label();
    last.on(Errno.EPERM, refused);
    mounts.program().jump(done);
    mounts.program().place(refused);
    takeTheHosts(proc, "/proc");
    mounts.program().place(done);
  }

  /** What was asked for of the mount at this place. */
  private Optional<NewMount> given(String path) {
    return request.mounts().stream()
        .filter(mount -> GivenMounts.isKernelFiles(mount) && GivenMounts.isAt(mount, path))
        .map(NewMount.class::cast)
        .reduce((_, last) -> last);
  }

  private FileSystem fileSystem(String type, String path) {
    List<FileSystem.Option> options =
        given(path).map(made -> GivenMounts.fileSystem(made).options()).orElse(List.of());
    return new FileSystem(type, options, attributes(path));
  }

  private Set<MountAttribute> attributes(String path) {
    Set<MountAttribute> all = EnumSet.copyOf(HARMLESS);
    boolean isProc = path.equals("/proc");
    if (!settings.privileged()) {
      all.add(MountAttribute.RDONLY);
    }
    given(path)
        .map(NewMount::options)
        .ifPresent(options -> {
          all.removeAll(options.cleared());
          all.addAll(options.set());
        });
    if (isProc && !settings.privileged()) {
      all.add(MountAttribute.RDONLY); // while its protected parts are copied
    }
    return all;
  }

  private void takeTheHosts(Variable tree, String path) {
    mounts
        .copy(tree, MountSteps.WORKING_DIRECTORY, mounts.path(path), true)
        .named("take the host's " + path);
    mounts.restrictTree(tree, attributes(path)).named("restrict the host's " + path);
  }

  /** Why the kernel makes no new one; only in a user namespace are the mounts looked at for it. */
  static String tooRevealing(String path, boolean confined) {
    Optional<String> over = confined ? Overmounts.over(path) : Optional.empty();
    return "in a user namespace the kernel makes a new %1$s only while the present one is complete; something is mounted over a part of %1$s (%2$s), as inside other containers"
        .formatted(path, over.orElse("see /proc/self/mountinfo"));
  }

  void mount(RootTree root) {
    root.mount(proc, "proc", "/proc");
    if (hasSys) {
      root.mount(sys, "sys", "/sys");
    }
  }

  /**
   * Makes parts of /proc read-only.
   *
   * <p>/proc is still read-only as a whole, and so are copies of its parts, without one more call
   * for each.
   */
  void protect() {
    for (String name : READ_ONLY_IN_PROC) {
      Variable part = mounts.descriptor("proc/" + name);
      Label next = mounts.program().label();
      String what = "make /proc/" + name + " read-only";
      mounts
          .copy(part, proc.value(), mounts.path(name), mayBeTheHosts())
          .named(what)
          .on(Errno.ENOENT, next);
      mounts.place(part, proc.value(), name).named(what);
      mounts.program().place(next);
    }
    if (given("/proc").filter(KernelFiles::isReadOnly).isPresent()) {
      return;
    }
    mounts
        .allow(proc, MountAttribute.RDONLY)
        .named("make the rest of /proc writable")
        .ignore(Errno.EPERM); // where the host's is read-only, this one stays so
  }

  private static boolean isReadOnly(NewMount made) {
    return made.options().set().contains(MountAttribute.RDONLY);
  }
}
