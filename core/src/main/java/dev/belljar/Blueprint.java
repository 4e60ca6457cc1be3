package dev.belljar;

import dev.belljar.cgroups.CgroupPlacement;
import dev.belljar.linux.BytePath;
import dev.belljar.linux.Descriptor;
import dev.belljar.linux.IdMap;
import dev.belljar.linux.call.FileCalls;
import dev.belljar.linux.launch.ExecVector;
import dev.belljar.linux.launch.LaunchProgram;
import dev.belljar.linux.launch.ProgramBuilder;
import dev.belljar.linux.syscall.SyscallNumber;
import dev.belljar.namespaces.NamespaceSet;
import dev.belljar.namespaces.NamespaceType;
import dev.belljar.namespaces.NewNamespaces;
import dev.belljar.namespaces.inside.ClockOffsets;
import dev.belljar.program.CommandVector;
import dev.belljar.program.ContainerProgram;
import dev.belljar.program.ImageCache;
import dev.belljar.program.InitProgram;
import dev.belljar.program.PrepareProgram;
import dev.belljar.program.ProcessSettings;
import dev.belljar.program.StartProgram;
import dev.belljar.program.StartSettings;
import dev.belljar.rootfs.DirectoryRootfs;
import dev.belljar.rootfs.MountIds;
import dev.belljar.rootfs.launch.OwnFiles;
import dev.belljar.rootfs.launch.RootfsCheck;
import dev.belljar.rootfs.launch.RootfsProgram;
import dev.belljar.rootfs.launch.RootfsSettings;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * A spec worked out for this host: everything about a start that does not differ from one to the
 * next.
 */
final class Blueprint {
  final Isolation isolation;
  final CgroupPlacement placement;
  final SpareGroups groups;
  final StartSettings settings;
  final ContainerProgram program;
  final ImageCache.Key image;
  final Optional<ImageCache.Key> initImage;
  final ExecVector vector;
  final Plan plan;
  final Optional<PreparedStart> prepared;
  final ExecPrograms execs;

  private Blueprint(ContainerSpec spec, Isolation isolation, CgroupPlacement placement) {
    this.isolation = isolation;
    this.placement = placement;
    groups = new SpareGroups(placement, spec.prepare);
    settings = settings(spec, isolation, placement);
    program = StartProgram.of(settings);
    image = ImageCache.Key.of(program.program());
    initImage = init(spec, isolation).map(ImageCache.Key::of);
    vector = vector(spec);
    plan = Plans.of(spec, this);
    prepared = prepared(spec, this);
    execs = new ExecPrograms(spec, this);
  }

  /** The kinds of namespace that are the container's own. */
  List<NamespaceType> ownTypes() {
    return NamespaceType.all().stream().filter(isolation::owns).toList();
  }

  /**
   * Works a spec out.
   *
   * @throws UnsupportedOperationException listing everything that this host cannot do
   */
  static Blueprint of(ContainerSpec spec) {
    return of(spec, Isolation.of(spec));
  }

  /** Works the same spec out for a start that is given a NET namespace out of a pool. */
  static Blueprint pooled(ContainerSpec spec) {
    return of(spec, Isolation.of(spec).withPooledNet());
  }

  private static Blueprint of(ContainerSpec spec, Isolation isolation) {
    Networks.requirePossible(spec, isolation);
    if (isolation.created().contains(NamespaceType.MOUNT)) {
      List<String> impossible = RootfsCheck.impossible(spec.files, rootfsSettings(spec, isolation));
      if (!impossible.isEmpty()) {
        throw new UnsupportedOperationException(String.join("; ", impossible));
      }
    }
    CgroupPlacement placement = Placements.find(spec, isolation);
    return new Blueprint(spec, isolation, placement);
  }

  private static StartSettings settings(
      ContainerSpec spec, Isolation isolation, CgroupPlacement placement) {
    boolean hasCommand = !spec.command.isEmpty();
    return new StartSettings(
        isolation.created(),
        isolation.joinedTypes(),
        isolation.jvmMayAdministrate(),
        Placements.v1Groups(placement),
        Placements.hasV2Group(placement),
        isolation.created().contains(NamespaceType.NET) && Networks.loopback(spec),
        Networks.attaches(spec),
        isolation.hostname(spec),
        isolation.created().contains(NamespaceType.UTS) ? spec.domainname : Optional.empty(),
        spec.clocks.map(clocks -> ClockOffsets.text(clocks.monotonic(), clocks.boot())),
        isolation.created().contains(NamespaceType.MOUNT)
            ? Optional.of(mounts(spec, isolation, placement))
            : Optional.empty(),
        false,
        isolation.innerIds(spec),
        spec.init && hasCommand,
        spec.terminal,
        process(spec, isolation));
  }

  private static StartSettings.Mounts mounts(
      ContainerSpec spec, Isolation isolation, CgroupPlacement placement) {
    RootfsSettings settings = rootfsSettings(spec, isolation);
    OwnFiles own = ownFiles(spec, isolation, placement);
    return (program, trees, channel, _) ->
        RootfsProgram.contribute(program, spec.files, settings, own, trees, channel);
  }

  private static Optional<PreparedStart> prepared(ContainerSpec spec, Blueprint blueprint) {
    StartSettings start = blueprint.settings;
    RootfsSettings settings = rootfsSettings(spec, blueprint.isolation);
    if (!spec.prepare
        || start.mounts().isEmpty()
        || start.forks()
        || !RootfsProgram.canBePrepared(spec.files, settings)) {
      return Optional.empty();
    }
    OwnFiles own = ownFiles(spec, blueprint.isolation, blueprint.placement);
    PreparedMounts mounts =
        new PreparedMounts(
            () ->
                PrepareProgram.of(program -> RootfsProgram.prepare(program, spec.files, settings)),
            RootfsProgram.preparedPlaces(spec.files));
    return Optional.of(
        new PreparedStart(
            mounts,
            start.withPrepared((program, trees, channel, enter) ->
                RootfsProgram.complete(program, spec.files, settings, own, trees, channel, enter)),
            blueprint.plan.warnings()));
  }

  private static OwnFiles ownFiles(
      ContainerSpec spec, Isolation isolation, CgroupPlacement placement) {
    boolean hasSys =
        !(spec.files.rootfs() instanceof DirectoryRootfs directory && directory.procOnly());
    return new OwnFiles(
        hasSys ? Placements.views(placement, isolation) : List.of(),
        Networks.files(spec, isolation));
  }

  /** An open user namespace in which owners are shown as a mount wants it. */
  Descriptor userNamespace(MountIds ids) {
    IdMap map =
        switch (ids) {
          case MountIds.Mapped(IdMap own) -> own;
          case MountIds.OfContainer _ -> isolation.idMap().orElseGet(IdMap::identity);
        };
    try (NamespaceSet made = NewNamespaces.of(NamespaceType.USER).idMap(map).create()) {
      return FileCalls.duplicate(made.get(NamespaceType.USER).descriptor().number());
    }
  }

  static RootfsSettings rootfsSettings(ContainerSpec spec, Isolation isolation) {
    return RootfsSettings.of(isolation.own(), spec.privileged);
  }

  /** What a process of the container is like: the first one, and unless told those exec'ed. */
  private static ProcessSettings process(ContainerSpec spec, Isolation isolation) {
    Optional<ProcessSettings.Command> command =
        spec.command.isEmpty()
            ? Optional.empty()
            : Optional.of(command(CommandVector.of(spec.command, spec.environment)));
    return new ProcessSettings(
        spec.credentials,
        isolation.keepsUser(),
        isolation.setgroups(),
        isolation.capabilities(spec),
        !spec.privileged,
        workingDirectory(spec.workingDirectory, isolation),
        command);
  }

  static ProcessSettings.Command command(CommandVector vector) {
    return new ProcessSettings.Command(vector.name(), vector.candidates().size());
  }

  static Consumer<ProgramBuilder> workingDirectory(Optional<String> path, Isolation isolation) {
    return program -> {
      if (!isolation.owns(NamespaceType.MOUNT)) { // else the root is the working directory already
        program
            .call(SyscallNumber.CHDIR, program.string("/"))
            .named("leave the working directory of the JVM");
      }
      RootfsProgram.changeDirectory(program, BytePath.of(path.orElse("/")));
    };
  }

  private static Optional<LaunchProgram> init(ContainerSpec spec, Isolation isolation) {
    if (spec.command.isEmpty()) {
      boolean ownPid = isolation.created().contains(NamespaceType.PID);
      return Optional.of(InitProgram.resident(ownPid));
    }
    return spec.init
        ? Optional.of(InitProgram.ofCommand(isolation.innerIds(spec).isPresent()))
        : Optional.empty();
  }

  private static ExecVector vector(ContainerSpec spec) {
    return spec.command.isEmpty()
        ? ExecVector.of(List.of(), List.of())
        : CommandVector.of(spec.command, spec.environment).toNative();
  }
}
