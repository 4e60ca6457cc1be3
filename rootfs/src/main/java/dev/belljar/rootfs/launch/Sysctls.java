package dev.belljar.rootfs.launch;

import static dev.belljar.linux.launch.ProgramBuilder.literal;

import dev.belljar.linux.Errno;
import dev.belljar.linux.launch.ProgramBuilder;
import dev.belljar.linux.launch.ProgramBuilder.Variable;
import dev.belljar.linux.syscall.SyscallNumber;
import dev.belljar.linux.uapi.Uapi;
import dev.belljar.rootfs.MountAttribute;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Settings of the container's namespaces.
 *
 * <p>They are written through a /proc of this program's own, which is made before anything else and
 * never mounted anywhere, so that no mount can stand between.
 *
 * @see <a href="https://docs.kernel.org/admin-guide/sysctl/">sysctl</a>
 */
final class Sysctls {
  private static final List<String> OF_IPC =
      List.of(
          "kernel.msgmax",
          "kernel.msgmnb",
          "kernel.msgmni",
          "kernel.sem",
          "kernel.shmall",
          "kernel.shmmax",
          "kernel.shmmni",
          "kernel.shm_rmid_forced");

  private final MountSteps mounts;
  private final Map<String, String> settings;
  private final Variable proc;

  Sysctls(MountSteps mounts, Map<String, String> settings) {
    this.mounts = mounts;
    this.settings = settings;
    this.proc = mounts.descriptor("private proc");
  }

  /** Tells which namespace a setting belongs to, as a {@code CLONE_NEW*} flag. */
  static Optional<Long> namespace(String name) {
    if (name.startsWith("net.")) {
      return Optional.of((long) Uapi.CLONE_NEWNET());
    }
    if (OF_IPC.contains(name) || name.startsWith("fs.mqueue.")) {
      return Optional.of((long) Uapi.CLONE_NEWIPC());
    }
    return Optional.empty();
  }

  static Optional<String> mistake(String name, String value) {
    boolean isName = name.matches("[A-Za-z0-9_-]+([./][A-Za-z0-9_:@-]+)+");
    if (!isName || value.indexOf(0) >= 0) {
      return Optional.of("sysctl '%s' with '%s' is none".formatted(name, value));
    }
    if (name.equals("kernel.hostname") || name.equals("kernel.domainname")) {
      return Optional.of("sysctl " + name + ": use the builder's hostname");
    }
    return namespace(name).isPresent()
        ? Optional.empty()
        : Optional.of(
            "sysctl %s belongs to no namespace: it would change the whole machine".formatted(name));
  }

  void open() {
    if (!settings.isEmpty()) {
      mounts
          .make(
              proc,
              FileSystem.of(
                  "proc", MountAttribute.NOSUID, MountAttribute.NODEV, MountAttribute.NOEXEC),
              "make a /proc to write sysctls through")
          .remedy(Errno.EPERM, KernelFiles.tooRevealing("/proc", true));
    }
  }

  void write() {
    settings.forEach(this::write);
  }

  private void write(String name, String value) {
    ProgramBuilder program = mounts.program();
    String what = "set " + name + " to " + value;
    long kind = namespace(name).orElseThrow();
    // A dot in the name of a network device is written as a slash, as by sysctl(8).
    String path = "sys/" + name.replace('.', '\n').replace('/', '.').replace('\n', '/');
    Variable file = mounts.descriptor("sysctl");
    new Resolution(program)
        .toWrite(file, proc.value(), program.string(path), what)
        .changes(kind)
        .remedy(Errno.ENOENT, "this kernel has no such setting, or not for a new namespace")
        .remedy(Errno.EACCES, "only root of the machine may change it on this kernel");
    verify(file, what);
    byte[] text = value.getBytes(StandardCharsets.UTF_8);
    program
        .call(SyscallNumber.WRITE, file.value(), program.string(text), literal(text.length))
        .named(what)
        .changes(kind)
        .demand(text.length)
        .remedy(Errno.EINVAL, "the kernel does not take this value");
  }

  // A write to anything else would be believed to have set something.
  private void verify(Variable file, String what) {
    new FileSystemProof(mounts.program())
        .that(
            file,
            literal(Uapi.PROC_SUPER_MAGIC(), "PROC_SUPER_MAGIC"),
            what + ": see that it is of /proc",
            "something else is mounted there");
  }
}
