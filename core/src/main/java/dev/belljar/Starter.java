package dev.belljar;

import dev.belljar.cgroups.launch.CgroupEntry;
import dev.belljar.linux.Descriptor;
import dev.belljar.linux.LinuxException;
import dev.belljar.linux.call.Closing;
import dev.belljar.linux.call.FileCalls;
import dev.belljar.linux.call.Pipe;
import dev.belljar.linux.launch.Child;
import dev.belljar.linux.launch.IdMapFiles;
import dev.belljar.linux.launch.Launch;
import dev.belljar.linux.launch.Launcher;
import dev.belljar.namespaces.Namespace;
import dev.belljar.namespaces.attach.Attachment;
import dev.belljar.namespaces.pool.ReadyNetwork;
import dev.belljar.program.ImageCache;
import dev.belljar.program.Input;
import dev.belljar.program.KeptDescriptors;
import dev.belljar.program.LockedMounts;
import dev.belljar.rootfs.launch.RootfsSources;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * One start of a container: what it needs is made in turn, and taken back in reverse when a later
 * step fails.
 */
final class Starter {
  private static final Duration DEADLINE = Duration.ofSeconds(30);

  private final ContainerSpec spec;
  private final Blueprint blueprint;
  private final Optional<ReadyNetwork> net;
  private final List<Namespace> handles = new ArrayList<>();
  private StdioPlan stdio;
  private ContainerGroup groups;
  private Optional<Pipe> go = Optional.empty();
  private Optional<Pipe> status = Optional.empty();
  private Optional<ImageCache.Lease> init = Optional.empty();
  private Optional<RootfsSources> sources = Optional.empty();
  private Optional<PreparedMounts.Lease> prepared = Optional.empty();
  private Optional<Attachment> attachment = Optional.empty();
  private PublishedPorts ports;
  private int timesForked;

  private Starter(ContainerSpec spec, Blueprint blueprint, Optional<ReadyNetwork> net) {
    this.spec = spec;
    this.blueprint = blueprint;
    this.net = net;
  }

  private Starter(ContainerSpec spec) {
    this(spec, spec.blueprint(), Optional.empty());
  }

  static Container start(ContainerSpec spec) {
    try {
      Starter starter = Networks.canUsePool(spec) ? withPool(spec) : new Starter(spec);
      Container started = new Container(spec, starter.run());
      if (starter.blueprint.isolation.jvmMayAdministrate()) {
        NetworkSweep.once();
      }
      return started;
    } catch (LinuxException e) {
      throw new ContainerException("starting a container", e);
    }
  }

  /** The blueprint comes first: what is taken out of a pool is given back by {@link #abandon}. */
  private static Starter withPool(ContainerSpec spec) {
    Blueprint blueprint = spec.pooledBlueprint();
    Optional<ReadyNetwork> net = spec.networkPool.orElseThrow().take();
    return net.isPresent() ? new Starter(spec, blueprint, net) : new Starter(spec);
  }

  private RunningContainer run() {
    try {
      Launcher.expectStart();
      stdio =
          spec.terminal.isPresent()
              ? StdioPlan.terminal()
              : StdioPlan.open(spec.stdin, spec.stdout, spec.stderr);
      ports = PublishedPorts.take(spec.publications);
      groups = blueprint.groups.take();
      if (blueprint.isolation.idMap().isPresent() || blueprint.settings.networked()) {
        go = Optional.of(FileCalls.pipe(0));
      }
      if (blueprint.settings.init()) {
        status = Optional.of(FileCalls.pipe(0));
      }
      init = blueprint.initImage.map(ImageCache::lease);
      if (blueprint.settings.mounts().isPresent()) {
        sources = Optional.of(RootfsSources.open(spec.files, blueprint::userNamespace));
      }
      prepared = blueprint.prepared.flatMap(PreparedStart::lease);
      PreparedStart.Variant variant = variant();
      Child child = launch(variant);
      stdio.receiveTerminal(child);
      return begin(child, variant.plan());
    } catch (RuntimeException | Error failure) {
      abandon(failure);
      throw failure;
    }
  }

  private PreparedStart.Variant variant() {
    return prepared.isPresent()
        ? blueprint.prepared.orElseThrow().variant()
        : new PreparedStart.Variant(
            blueprint.settings, blueprint.program, blueprint.image, blueprint.plan);
  }

  private Child launch(PreparedStart.Variant variant) {
    try (ImageCache.Lease lease = ImageCache.lease(variant.image())) {
      return Launcher.start(
          new Launch(
              lease.image(),
              blueprint.vector,
              variant.settings().clonedByStub(),
              blueprint.isolation.own(),
              blueprint.settings.forks() ? Optional.empty() : v2Directory(),
              variant.program().inputs().stream().map(this::descriptor).toList(),
              blueprint.settings.forks(),
              go.isPresent() ? Optional.of(this::whenForked) : Optional.empty(),
              DEADLINE.toNanos()),
          blueprint.groups::makeNext);
    }
  }

  private Namespace entered(int index) {
    List<Namespace> joined = blueprint.isolation.joined();
    return index < joined.size() ? joined.get(index) : net.orElseThrow().namespace();
  }

  private Optional<Descriptor> v2Directory() {
    return groups.entry().flatMap(CgroupEntry::v2Directory);
  }

  private int descriptor(Input input) {
    return switch (input) {
      case Input.Tasks(int index) ->
          groups.entry().orElseThrow().v1Tasks().get(index).file().number();
      case Input.Entered(int index) -> entered(index).descriptor().number();
      case Input.Tree(int index) -> sources.orElseThrow().tree(index).number();
      case Input.Single single ->
          switch (single) {
            case STDIN -> stdio.number(0);
            case STDOUT -> stdio.number(1);
            case STDERR -> stdio.number(2);
            case TERMINAL -> stdio.terminalSocket();
            case JVM -> KeptDescriptors.jvm().number();
            case GO -> go.orElseThrow().read().number();
            case CGROUP -> v2Directory().orElseThrow().number();
            case INIT -> init.orElseThrow().image().descriptor().number();
            case STATUS -> status.orElseThrow().write().number();
            case PREPARED -> prepared.orElseThrow().descriptor().number();
            case CONTAINER, ROOT -> throw new IllegalStateException("there is no container yet");
          };
    };
  }

  // A forked process waits for what follows. Until it goes on an ordinary user can look into it, as
  // is needed for its namespaces, which are entered later on. With locked mounts the last is told
  // of twice: when it has been forked, and when its mount namespace is the container's.
  private void whenForked(int pid) {
    timesForked++;
    boolean locks = blueprint.settings.innerIds().isPresent();
    int last = locks ? 3 : blueprint.settings.forksForUserFirst() ? 2 : 1;
    if (timesForked == 1 && blueprint.isolation.idMap().isPresent()) {
      IdMapFiles.write(pid, blueprint.isolation.idMap().get());
    }
    if (timesForked == last && !blueprint.isolation.jvmMayAdministrate()) {
      EntryHandles.open(blueprint, pid, handles);
    }
    if (locks && timesForked == 2) {
      FileCalls.write(go.orElseThrow().write().number(), LockedMounts.pathOf(pid));
    }
    byte[] message = {1};
    if (blueprint.settings.networked() && timesForked == (locks ? 2 : last)) {
      attachment = net.flatMap(ReadyNetwork::takeAttachment); // taken back if it cannot be renamed
      attachment = Optional.of(Networks.attach(spec, groups.id(), pid, attachment));
      message = Networks.message(spec, groups.id(), attachment.get());
    } else if (locks && timesForked == 2) {
      return;
    }
    FileCalls.write(go.orElseThrow().write().number(), message);
  }

  private RunningContainer begin(Child child, Plan plan) {
    RunningContainer.Parts parts =
        new RunningContainer.Parts(
            groups,
            blueprint,
            plan,
            child,
            stdio.streams(),
            status.map(Pipe::read),
            List.copyOf(handles),
            attachment,
            sources.map(RootfsSources::takeKept).orElse(List.of()),
            ports);
    RunningContainer running = RunningContainer.of(parts, spec.timeout);
    try {
      List<AutoCloseable> given = new ArrayList<>();
      given.add(stdio);
      go.ifPresent(given::add);
      status.ifPresent(pipe -> given.add(pipe.write()));
      init.ifPresent(given::add);
      sources.ifPresent(given::add);
      prepared.ifPresent(given::add);
      net.ifPresent(given::add);
      Closing.all(given);
      running.forwardPorts();
      return running;
    } catch (RuntimeException | Error failure) {
      Closing.after(failure, () -> running.close(DEADLINE));
      throw failure;
    }
  }

  private void abandon(Throwable failure) {
    Closing.after(
        failure,
        prepared.orElse(null),
        sources.orElse(null),
        init.orElse(null),
        status.orElse(null),
        go.orElse(null));
    handles.forEach(handle -> Closing.after(failure, handle));
    Closing.after(failure, net.orElse(null), ports, attachment.orElse(null), groups);
    if (prepared.isPresent()) {
      Closing.after(failure, blueprint.prepared.orElseThrow()::drop);
    }
    Closing.after(failure, blueprint.groups::drop);
    if (stdio != null) {
      stdio.abandon(failure);
    }
  }
}
