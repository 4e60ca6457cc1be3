package dev.belljar;

import dev.belljar.cgroups.Resources;
import dev.belljar.linux.BytePath;
import dev.belljar.linux.IdMap;
import dev.belljar.namespaces.Namespace;
import dev.belljar.namespaces.NamespaceType;
import dev.belljar.namespaces.forward.Publication;
import dev.belljar.namespaces.net.Network;
import dev.belljar.namespaces.pool.NetworkPool;
import dev.belljar.program.Credentials;
import dev.belljar.program.TerminalSize;
import dev.belljar.rootfs.Rootfs;
import dev.belljar.rootfs.launch.RootfsRequest;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * What a container is to be: immutable, checked, and startable any number of times.
 *
 * <p>The first start works out the launch program and its image, later ones use them again. From
 * the second start on the control groups of the next one are made ahead, and from the third on the
 * mounts that all have in common are kept, where root starts them; see {@link
 * ContainerBuilder#prepare}.
 */
public final class ContainerSpec {
  private static final String PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

  final List<String> command;
  final Map<String, String> environment;
  final boolean homeSaid;
  final Optional<String> workingDirectory;
  final Optional<String> hostname;
  final Optional<String> domainname;
  final Optional<Clocks> clocks;
  final RootfsRequest files;
  final Optional<Set<NamespaceType>> namespaces;
  final List<Namespace> joined;
  final Optional<Network> network;
  final List<Publication> publications;
  final Optional<NetworkPool> networkPool;
  final Optional<IdMap> idMap;
  final boolean rootless;
  final Resources resources;
  final Optional<String> cgroupParent;
  final Credentials credentials;
  final Stdio stdin;
  final Stdio stdout;
  final Stdio stderr;
  final Optional<TerminalSize> terminal;
  final boolean init;
  final Optional<Duration> timeout;
  final boolean accounting;
  final boolean lenient;
  final boolean privileged;
  final boolean prepare;
  private Blueprint blueprint;
  private Blueprint pooledBlueprint;

  ContainerSpec(ContainerBuilder builder) {
    List<String> mistakes = Mistakes.of(builder);
    if (!mistakes.isEmpty()) {
      throw new IllegalArgumentException(String.join("; ", mistakes));
    }
    Optional<NamedUser> named = builder.userName.map(name -> NamedUser.find(name, builder.rootfs));
    credentials = named.map(NamedUser::credentials).orElse(builder.credentials);
    command = builder.command;
    environment = environment(builder, named.orElse(new NamedUser(credentials, Optional.empty())));
    homeSaid = builder.environment.containsKey("HOME");
    workingDirectory = builder.workingDirectory;
    hostname = builder.hostname;
    domainname = builder.domainname;
    clocks = builder.clocks;
    files =
        new RootfsRequest(
            builder.rootfs.orElseGet(Rootfs::host),
            builder.mounts,
            builder.sysctls,
            directories(builder),
            builder.procFallback,
            builder.devices.stream().map(UsableDevice::device).toList(),
            builder.plainChroot,
            builder.terminal.isPresent());
    namespaces = builder.namespaces;
    joined = Networks.joined(builder);
    network = builder.network;
    publications = List.copyOf(builder.publications);
    networkPool = builder.networkPool;
    idMap = builder.idMap;
    rootless = builder.rootless;
    resources = UsableDevice.limit(builder.resources.build(), builder.devices);
    cgroupParent = builder.cgroupParent;
    stdin = builder.stdin;
    stdout = builder.stdout;
    stderr = builder.stderr;
    terminal = builder.terminal;
    init = builder.init;
    timeout = builder.timeout;
    accounting = builder.accounting;
    lenient = builder.lenient;
    privileged = builder.privileged;
    prepare = builder.prepare;
  }

  /**
   * Starts a container and waits until its command is being executed.
   *
   * @return the running container, to be closed
   * @throws UnsupportedOperationException listing everything that this host cannot do, before
   *     anything was touched
   * @throws ContainerException when a call fails; nothing is left behind
   */
  public Container start() {
    return Starter.start(this);
  }

  /**
   * Tells what a start would do on this host, without doing any of it.
   *
   * @return the plan
   * @throws UnsupportedOperationException listing everything that this host cannot do
   */
  public Plan plan() {
    return blueprint().plan;
  }

  /** Works the spec out for this host, once. */
  synchronized Blueprint blueprint() {
    if (blueprint == null) {
      blueprint = Blueprint.of(this);
    }
    return blueprint;
  }

  private List<RootfsRequest.OwnDirectory> directories(ContainerBuilder builder) {
    if (!builder.makeDirectories) {
      return List.of();
    }
    return Stream.of(builder.workingDirectory, Optional.ofNullable(environment.get("HOME")))
        .flatMap(Optional::stream)
        .filter(path -> path.startsWith("/") && !BytePath.of(path).components().isEmpty())
        .distinct()
        .map(path ->
            new RootfsRequest.OwnDirectory(BytePath.of(path), credentials.uid(), credentials.gid()))
        .toList();
  }

  /** The same for a start that is given its NET namespace. */
  synchronized Blueprint pooledBlueprint() {
    if (pooledBlueprint == null) {
      pooledBlueprint = Blueprint.pooled(this);
    }
    return pooledBlueprint;
  }

  private static Map<String, String> environment(ContainerBuilder builder, NamedUser user) {
    Map<String, String> all = new LinkedHashMap<>();
    all.put("PATH", PATH);
    all.put("HOME", user.homeOrUsual());
    if (builder.terminal.isPresent()) {
      all.put("TERM", "xterm");
    }
    all.putAll(builder.environment);
    return Map.copyOf(all);
  }
}
