package dev.belljar.rootfs.launch;

import static dev.belljar.linux.launch.ProgramBuilder.literal;

import dev.belljar.linux.BytePath;
import dev.belljar.linux.Errno;
import dev.belljar.linux.launch.Argument;
import dev.belljar.linux.launch.ProgramBuilder;
import dev.belljar.linux.launch.ProgramBuilder.Label;
import dev.belljar.linux.launch.ProgramBuilder.Variable;
import dev.belljar.linux.syscall.SyscallNumber;
import dev.belljar.rootfs.DirectoryRootfs;
import dev.belljar.rootfs.HostRootfs;
import dev.belljar.rootfs.Mount;
import dev.belljar.rootfs.MountAttribute;
import dev.belljar.rootfs.MountTable;
import dev.belljar.rootfs.Rootfs;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;

/**
 * The steps that give a new mount namespace its root.
 *
 * <p>Their order is what makes them safe. Sources are taken as descriptors first; then the new root
 * is entered and the old one detached; only then is anything inside it looked up, so that no link
 * in it can lead to the host.
 */
public final class RootfsProgram {
  private static final FileSystem TMP =
      FileSystem.of("tmpfs", MountAttribute.NOSUID, MountAttribute.NODEV);
  private static final FileSystem RUN = TMP.option("mode", "755");

  private RootfsProgram() {}

  /**
   * Adds the steps. They need a MOUNT namespace of their own, the capability CAP_SYS_ADMIN in it,
   * and to run inside the other namespaces of the container. Afterwards the working directory is
   * the new root.
   *
   * @param program what to add to
   * @param rootfs the root file system
   * @param settings what the mounts depend on
   */
  public static void contribute(ProgramBuilder program, Rootfs rootfs, RootfsSettings settings) {
    contribute(
        program,
        RootfsRequest.of(rootfs),
        settings,
        index -> {
          throw new IllegalStateException("nobody hands over tree " + index);
        });
  }

  /**
   * Adds the steps, with everything that was asked for; see {@link #contribute(ProgramBuilder,
   * Rootfs, RootfsSettings)}.
   *
   * @param program what to add to
   * @param request what was asked for, without mistakes
   * @param settings what the mounts depend on
   * @param trees gives the descriptors of {@link RootfsSources}, by their index
   */
  public static void contribute(
      ProgramBuilder program,
      RootfsRequest request,
      RootfsSettings settings,
      IntFunction<Argument> trees) {
    Rootfs rootfs = request.rootfs();
    MountSteps mounts = new MountSteps(program);
    boolean procOnly = rootfs instanceof DirectoryRootfs directory && directory.procOnly();
    KernelFiles kernel = new KernelFiles(mounts, settings, request, !procOnly);
    NullDevice nullDevice = new NullDevice(mounts);
    DeviceFiles devices = new DeviceFiles(mounts, settings, nullDevice);
    JvmTrees handed = new JvmTrees(program, trees);
    RootTree root = new RootTree(mounts, rootfs, settings.confined(), handed);
    Sysctls sysctls = new Sysctls(mounts, request.sysctls());
    GivenMounts given = new GivenMounts(mounts, settings, allMounts(request, settings), handed);

    mounts.leaveTheHostsPeerGroups();
    sysctls.open();
    kernel.take();
    if (procOnly) {
      nullDevice.takeTheHosts();
    } else {
      devices.take();
    }
    given.take();
    root.take();
    root.enter();

    Variable umask = program.variable("umask");
    program
        .call(SyscallNumber.UMASK, literal(0))
        .into(umask)
        .named("give new files exactly the permissions meant");
    kernel.mount(root);
    if (!procOnly) {
      devices.mount(root);
    }
    nullDevice.verify();
    switch (rootfs) {
      case HostRootfs _ -> {
        mountIfThere(mounts, root, TMP, "tmp");
        mountIfThere(mounts, root, RUN, "run");
      }
      default -> {
        if (root.makesMountPoints() && !procOnly) {
          root.makeDirectory("tmp", 01777).ignore(Errno.EEXIST);
        }
      }
    }
    if (!settings.privileged()) {
      kernel.protect();
      new Masks(mounts).mount(kernel, nullDevice);
    }
    sysctls.write();
    MountTargets targets = new MountTargets(mounts, root.descriptor());
    given.place(targets, root.descriptor());
    request.directories().forEach(targets::makeDirectory);
    program.call(SyscallNumber.UMASK, umask.value()).named("set the umask again");
    root.seal();
    new HiddenFiles(mounts).hide(rootfs, root, nullDevice);
  }

  /** The mounts that follow from the root file system, then those that were asked for. */
  private static List<Mount> allMounts(RootfsRequest request, RootfsSettings settings) {
    List<Mount> all = new ArrayList<>();
    if (request.rootfs() instanceof HostRootfs host) {
      if (!host.scratch().isEmpty()) {
        all.addAll(
            ScratchPaths.overlays(MountTable.current(), host.scratch(), settings.confined()));
      }
      host.writable().forEach(path -> all.add(Mount.rbind(path, path)));
    }
    all.addAll(request.mounts());
    return all;
  }

  // On some machines these are links.
  private static void mountIfThere(
      MountSteps mounts, RootTree root, FileSystem fileSystem, String name) {
    Label next = mounts.program().label();
    Variable target = mounts.descriptor(name);
    new Resolution(mounts.program())
        .directory(target, root.descriptor(), mounts.path(name), "look for /" + name)
        .on(Errno.ENOENT, next);
    Variable mount = mounts.descriptor("new " + name);
    mounts.make(mount, fileSystem, "make a new /" + name);
    mounts.place(mount, target).named("mount /" + name);
    mounts.program().place(next);
  }

  /**
   * Adds the steps that change the working directory, to one that is certainly inside the root.
   *
   * <p>They start at the working directory, which must be the root: after {@link #contribute}, and
   * after joining a mount namespace, it is. They belong where the command's user is already in
   * effect, as it is that user who must be able to reach the directory.
   *
   * @param program what to add to
   * @param path the directory as seen from the root; a relative path starts at the root too
   */
  public static void changeDirectory(ProgramBuilder program, BytePath path) {
    String what = "change to the working directory " + path;
    Variable directory = program.variable("working directory", -1);
    new Resolution(program)
        .directory(directory, MountSteps.WORKING_DIRECTORY, program.string(path.bytes()), what)
        .remedy(Errno.ENOENT, "the directory must exist inside the container");
    program.call(SyscallNumber.FCHDIR, directory.value()).named(what);
  }
}
