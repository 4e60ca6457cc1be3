package dev.belljar.rootfs.launch;

import static dev.belljar.linux.launch.ProgramBuilder.literal;

import dev.belljar.linux.BytePath;
import dev.belljar.linux.Errno;
import dev.belljar.linux.launch.Argument;
import dev.belljar.linux.launch.ProgramBuilder;
import dev.belljar.linux.launch.ProgramBuilder.Label;
import dev.belljar.linux.launch.ProgramBuilder.Variable;
import dev.belljar.linux.syscall.SyscallNumber;
import dev.belljar.rootfs.BindMount;
import dev.belljar.rootfs.DirectoryRootfs;
import dev.belljar.rootfs.HostRootfs;
import dev.belljar.rootfs.Mount;
import dev.belljar.rootfs.MountAttribute;
import dev.belljar.rootfs.MountTable;
import dev.belljar.rootfs.NewMount;
import dev.belljar.rootfs.OverlayMount;
import dev.belljar.rootfs.Rootfs;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.IntFunction;
import java.util.function.Supplier;

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

  /** What needs nothing of the host, which cannot be seen any more from prepared mounts. */
  private static final Set<String> OF_NO_SOURCE =
      Set.of("proc", "sysfs", "mqueue", "cgroup", "cgroup2", "devpts", "tmpfs", "ramfs");

  private final RootfsRequest request;
  private final RootfsSettings settings;
  private final boolean procOnly;
  private final MountSteps mounts;
  private final KernelFiles kernel;
  private final NullDevice nullDevice;
  private final DeviceFiles devices;
  private final Optional<Terminal> terminal;
  private final NamespaceRoot namespaceRoot;
  private final RootTree root;
  private final Sysctls sysctls;
  private final GivenMounts given;
  private final OwnFiles own;
  private final TextFiles texts;

  private RootfsProgram(
      ProgramBuilder program,
      RootfsRequest request,
      RootfsSettings settings,
      OwnFiles own,
      IntFunction<Argument> trees,
      Supplier<Argument> channel) {
    this.request = request;
    this.settings = settings;
    procOnly = request.rootfs() instanceof DirectoryRootfs directory && directory.procOnly();
    mounts = new MountSteps(program);
    kernel = new KernelFiles(mounts, settings, request, procOnly);
    this.own = own.besides(request);
    texts = new TextFiles(mounts, this.own.texts(), channel);
    nullDevice = new NullDevice(mounts);
    terminal = request.terminal() ? Optional.of(new Terminal(program)) : Optional.empty();
    devices = new DeviceFiles(mounts, settings, nullDevice, request.devices(), terminal);
    namespaceRoot = new NamespaceRoot(mounts, settings.chrooted());
    JvmTrees handed = new JvmTrees(program, trees);
    root =
        new RootTree(mounts, request.rootfs(), settings.confined(), request.plainChroot(), handed);
    sysctls = new Sysctls(mounts, request.sysctls());
    given = new GivenMounts(mounts, settings, allMounts(request, settings), handed);
  }

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
    var _ =
        contribute(
            program,
            RootfsRequest.of(rootfs),
            settings,
            OwnFiles.NONE,
            RootfsProgram::noTree,
            RootfsProgram::noChannel);
  }

  /**
   * Adds the steps, with everything that was asked for; see {@link #contribute(ProgramBuilder,
   * Rootfs, RootfsSettings)}.
   *
   * @param program what to add to
   * @param request what was asked for, without mistakes
   * @param settings what the mounts depend on
   * @param own what the container is given beside that
   * @param trees gives the descriptors of {@link RootfsSources}, by their index
   * @param channel gives the descriptor from which texts are read that the JVM writes
   * @return the terminal, if one was asked for
   */
  public static Optional<Terminal> contribute(
      ProgramBuilder program,
      RootfsRequest request,
      RootfsSettings settings,
      OwnFiles own,
      IntFunction<Argument> trees,
      Supplier<Argument> channel) {
    RootfsProgram steps = new RootfsProgram(program, request, settings, own, trees, channel);
    steps.contribute();
    return steps.terminal;
  }

  /**
   * Adds the steps of what the starts of one request have in common, to be done once, in a mount
   * namespace that is kept; see {@link #complete}.
   *
   * @param program what to add to
   * @param request what was asked for
   * @param settings what the mounts depend on, for which this {@linkplain #canBePrepared is
   *     possible}
   */
  public static void prepare(
      ProgramBuilder program, RootfsRequest request, RootfsSettings settings) {
    RootfsProgram steps =
        new RootfsProgram(
            program,
            request,
            settings,
            OwnFiles.NONE,
            RootfsProgram::noTree,
            RootfsProgram::noChannel);
    steps.namespaceRoot.leaveTheHostsPeerGroups();
    steps.root.take();
    steps.namespaceRoot.goThere();
    steps.root.enter();
    if (steps.procOnly) {
      program.call(SyscallNumber.UMASK, literal(0)).named("give new files the permissions meant");
      steps.nullDevice.keepBelowProc(steps.root);
    }
  }

  /**
   * Adds the steps of what each start makes anew, in a copy of a prepared mount namespace, from
   * which nothing of the host can be seen. Together with those of {@link #prepare} they do what
   * {@link #contribute(ProgramBuilder, RootfsRequest, RootfsSettings, OwnFiles, IntFunction,
   * Supplier)} does.
   *
   * @param program what to add to
   * @param request what was asked for
   * @param settings what the mounts depend on
   * @param own what the container is given beside that
   * @param trees gives the descriptors of {@link RootfsSources}, by their index
   * @param channel gives the descriptor from which texts are read that the JVM writes
   * @param enter adds the steps that enter the copy; what is before them sees the JVM's mounts
   * @return the terminal, if one was asked for
   */
  public static Optional<Terminal> complete(
      ProgramBuilder program,
      RootfsRequest request,
      RootfsSettings settings,
      OwnFiles own,
      IntFunction<Argument> trees,
      Supplier<Argument> channel,
      Runnable enter) {
    RootfsProgram steps = new RootfsProgram(program, request, settings, own, trees, channel);
    steps.given.takeBinds();
    enter.run();
    steps.root.open();
    steps.sysctls.open();
    steps.kernel.take();
    steps.given.make();
    if (steps.procOnly) {
      steps.nullDevice.openBelowProc(steps.root);
    }
    steps.furnish();
    return steps.terminal;
  }

  /**
   * Tells whether a part can be {@linkplain #prepare prepared}: what belongs to a user namespace of
   * the container cannot, and nothing that can be written to is shared by containers, but for a
   * directory of the host that was asked for.
   *
   * @param request what was asked for
   * @param settings what the mounts depend on
   */
  public static boolean canBePrepared(RootfsRequest request, RootfsSettings settings) {
    boolean fitting =
        switch (request.rootfs()) {
          case HostRootfs host -> host.scratch().isEmpty();
          case DirectoryRootfs _ -> true;
          default -> false;
        };
    return fitting
        && request.mounts().stream().allMatch(RootfsProgram::canBeMadeInPrepared)
        && !settings.confined()
        && !settings.privileged();
  }

  /**
   * Tells which directories what is {@linkplain #prepare prepared} depends on, and no change of a
   * mount tells of: the tree, and what is mounted on in it.
   *
   * @param request what was asked for
   * @return none when the root is the machine's
   */
  public static List<BytePath> preparedPlaces(RootfsRequest request) {
    if (!(request.rootfs() instanceof DirectoryRootfs directory)) {
      return List.of();
    }
    BytePath tree = directory.path();
    return directory.procOnly() ? List.of(tree, tree.resolve("proc")) : List.of(tree);
  }

  private static boolean canBeMadeInPrepared(Mount mount) {
    return switch (mount) {
      case BindMount _ -> true;
      case NewMount made -> OF_NO_SOURCE.contains(made.type()) && !made.copiesUp();
      case OverlayMount _ -> false;
    };
  }

  private static Argument noTree(int index) {
    throw new IllegalStateException("nobody hands over tree " + index);
  }

  private static Argument noChannel() {
    throw new IllegalStateException("nobody writes a text");
  }

  private void contribute() {
    namespaceRoot.leaveTheHostsPeerGroups();
    sysctls.open();
    kernel.take();
    if (procOnly) {
      nullDevice.takeTheHosts();
    } else {
      devices.take();
    }
    given.takeBinds();
    given.make();
    root.take();
    namespaceRoot.goThere();
    root.enter();
    furnish();
  }

  private void furnish() {
    ProgramBuilder program = mounts.program();
    Rootfs rootfs = request.rootfs();
    Variable umask = program.variable("umask");
    program
        .call(SyscallNumber.UMASK, literal(0))
        .into(umask)
        .named("give new files exactly the permissions meant");
    kernel.mount(root);
    if (!procOnly) {
      devices.mount(root);
      texts.take(devices.dev());
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
    MountTargets targets = new MountTargets(mounts, root.descriptor(), kernel.places());
    given.place(targets, root.descriptor());
    CgroupFiles.place(mounts, targets, own.cgroups());
    request.directories().forEach(targets::makeDirectory);
    program.call(SyscallNumber.UMASK, umask.value()).named("set the umask again");
    if (!procOnly) {
      texts.place(targets);
    }
    root.seal();
    // Last, so that nothing that was mounted shows what is hidden.
    new HiddenFiles(mounts, targets).hide(rootfs.hidden(), nullDevice);
    texts.removeNames(devices.dev());
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
