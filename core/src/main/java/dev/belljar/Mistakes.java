package dev.belljar;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.belljar.cgroups.CgroupRequest;
import dev.belljar.cgroups.controller.DeviceAccess;
import dev.belljar.linux.BytePath;
import dev.belljar.linux.launch.IdMapFiles;
import dev.belljar.namespaces.Namespace;
import dev.belljar.namespaces.NamespaceType;
import dev.belljar.program.TerminalSize;
import dev.belljar.rootfs.Device;
import dev.belljar.rootfs.DirectoryRootfs;
import dev.belljar.rootfs.Rootfs;
import dev.belljar.rootfs.launch.RootfsCheck;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/** Finds everything that is wrong with what a builder was told, without touching anything. */
final class Mistakes {
  private static final int LONGEST_HOSTNAME = 64;
  private static final long LARGEST_ID = 0xffff_fffeL;

  private final ContainerBuilder builder;
  private final List<String> found = new ArrayList<>();

  private Mistakes(ContainerBuilder builder) {
    this.builder = builder;
  }

  static List<String> of(ContainerBuilder builder) {
    Mistakes mistakes = new Mistakes(builder);
    mistakes.inCommand();
    mistakes.inEnvironment();
    mistakes.inNamespaces();
    mistakes.inIdentity();
    mistakes.found.addAll(Networks.mistakes(builder));
    mistakes.found.addAll(builder.resources.mistakesInNewGroup());
    builder.rootfs.ifPresent(rootfs -> mistakes.found.addAll(RootfsCheck.mistakes(rootfs)));
    mistakes.found.addAll(RootfsCheck.mistakes(builder.mounts, builder.sysctls));
    mistakes.inDevices();
    builder.terminal.ifPresent(mistakes::inTerminal);
    return mistakes.found;
  }

  static List<String> of(ExecBuilder exec) {
    ContainerBuilder same = new ContainerBuilder();
    same.command(exec.command).environment(exec.environment);
    same.workingDirectory = exec.workingDirectory;
    same.credentials = exec.credentials;
    same.userName = exec.userName;
    same.streamsSaid = exec.streamsSaid;
    Mistakes mistakes = new Mistakes(same);
    mistakes.inCommand();
    mistakes.inEnvironment();
    mistakes.inIdentity();
    exec.terminal.ifPresent(size -> {
      mistakes.inSize(size);
      mistakes.check(
          exec.ownsMount(), "terminal needs a container with a MOUNT namespace of its own");
    });
    return mistakes.found;
  }

  private void check(boolean right, String mistake) {
    if (!right) {
      found.add(mistake);
    }
  }

  private void inCommand() {
    check(
        !builder.commandSaid || !builder.command.isEmpty(),
        "command() has no words; leave it out for a container with only the built-in init");
    check(
        builder.command.isEmpty() || !builder.command.getFirst().isEmpty(),
        "the command's name is empty");
    check(
        builder.command.stream().noneMatch(word -> word.indexOf(0) >= 0),
        "a word of the command holds a NUL character");
    builder.workingDirectory.ifPresent(path ->
        check(
            path.startsWith("/") && path.indexOf(0) < 0,
            "workingDirectory must be an absolute path inside the container, not '" + path + "'"));
    builder.timeout.ifPresent(
        limit -> check(limit.isPositive(), "timeout must be positive, not " + limit));
  }

  private void inEnvironment() {
    builder.environment.forEach((name, value) -> {
      check(
          !name.isEmpty() && name.indexOf('=') < 0 && name.indexOf(0) < 0,
          "'" + name + "' is no name of an environment variable");
      check(value.indexOf(0) < 0, "the value of " + name + " holds a NUL character");
    });
  }

  private void inNamespaces() {
    Set<NamespaceType> joined = EnumSet.noneOf(NamespaceType.class);
    for (Namespace namespace : builder.joined) {
      check(
          joined.add(namespace.type()), "join has two namespaces of the kind " + namespace.type());
    }
    builder.namespaces.ifPresent(own -> inGiven(own, joined));
    builder.hostname.ifPresent(name -> inName("hostname", name, joined));
    builder.domainname.ifPresent(name -> inName("domainname", name, joined));
    check(
        builder.clocks.isEmpty() || !joined.contains(NamespaceType.TIME),
        "clocks cannot be set in a joined TIME namespace");
    check(
        (builder.rootfs.isEmpty() && builder.mounts.isEmpty())
            || !joined.contains(NamespaceType.MOUNT),
        "rootfs and mounts exclude a joined MOUNT namespace");
    check(
        !builder.init || !joined.contains(NamespaceType.PID) || builder.command.isEmpty(),
        "init needs an own PID namespace, not a joined one");
    check(
        builder.idMap.isEmpty() || !joined.contains(NamespaceType.USER),
        "idMap and a joined USER namespace exclude each other");
    check(
        !builder.rootless || !joined.contains(NamespaceType.USER),
        "rootless and a joined USER namespace exclude each other");
  }

  private void inName(String what, String name, Set<NamespaceType> joined) {
    int length = name.getBytes(UTF_8).length;
    check(
        length > 0 && length <= LONGEST_HOSTNAME && name.indexOf(0) < 0,
        what + " must have 1 to 64 bytes, not " + length);
    check(!joined.contains(NamespaceType.UTS), what + " would change the joined UTS namespace");
  }

  private void inGiven(Set<NamespaceType> own, Set<NamespaceType> joined) {
    for (NamespaceType type : joined) {
      check(!own.contains(type), type + " cannot be both in namespaces and in join");
    }
    check(
        builder.rootfs.isEmpty() || own.contains(NamespaceType.MOUNT),
        "rootfs needs MOUNT among the namespaces");
    boolean files =
        !builder.mounts.isEmpty()
            || !builder.sysctls.isEmpty()
            || !builder.devices.isEmpty()
            || builder.plainChroot
            || builder.makeDirectories;
    check(
        !files || own.contains(NamespaceType.MOUNT),
        "mount, device, sysctl, plainChroot and makeDirectories need MOUNT among the namespaces");
    Set<NamespaceType> all = EnumSet.noneOf(NamespaceType.class);
    all.addAll(own);
    all.addAll(joined);
    found.addAll(RootfsCheck.namespacesMissing(builder.sysctls, NamespaceType.flags(all)));
    check(
        builder.hostname.isEmpty() || own.contains(NamespaceType.UTS),
        "hostname needs UTS among the namespaces");
    check(
        builder.domainname.isEmpty() || own.contains(NamespaceType.UTS),
        "domainname needs UTS among the namespaces");
    check(
        builder.clocks.isEmpty() || own.contains(NamespaceType.TIME),
        "clocks needs TIME among the namespaces");
    check(
        builder.idMap.isEmpty() || own.contains(NamespaceType.USER),
        "idMap needs USER among the namespaces");
    check(
        !builder.rootless || own.contains(NamespaceType.USER),
        "rootless needs USER among the namespaces");
    check(
        !builder.init || own.contains(NamespaceType.PID) || builder.command.isEmpty(),
        "init needs PID among the namespaces");
  }

  private void inSize(TerminalSize size) {
    check(
        size.isPossible(),
        "terminal has 1 to 65535 columns and rows, not %d and %d"
            .formatted(size.columns(), size.rows()));
    check(!builder.streamsSaid, "terminal and stdin, stdout or stderr exclude each other");
  }

  private void inTerminal(TerminalSize size) {
    inSize(size);
    check(!builder.command.isEmpty(), "terminal needs a command");
    boolean joinsMount =
        builder.joined.stream().anyMatch(each -> each.type() == NamespaceType.MOUNT);
    check(
        !joinsMount
            && builder.namespaces.map(own -> own.contains(NamespaceType.MOUNT)).orElse(true),
        "terminal needs MOUNT among the namespaces");
    check(
        !(builder.rootfs.orElse(null) instanceof DirectoryRootfs directory && directory.procOnly()),
        "terminal needs the container's own /dev, which withProcOnly leaves out");
    check(
        builder.devices.stream()
            .noneMatch(each -> each.device().path().equals(BytePath.of("/dev/console"))),
        "terminal is /dev/console, which cannot be a device too");
  }

  private void inDevices() {
    List<Device> devices = builder.devices.stream().map(UsableDevice::device).toList();
    found.addAll(RootfsCheck.mistakes(devices, builder.rootfs.orElseGet(Rootfs::host)));
    for (UsableDevice each : builder.devices) {
      check(
          !each.access().isEmpty() && !each.access().contains(DeviceAccess.MKNOD),
          "device " + each.device() + " is for READ, WRITE or both");
    }
  }

  private void inIdentity() {
    List<Long> ids = new ArrayList<>(builder.credentials.groups());
    ids.add(builder.credentials.uid());
    ids.add(builder.credentials.gid());
    for (long id : ids) {
      check(id >= 0 && id <= LARGEST_ID, "ids are 0 to 4294967294, not " + id);
    }
    builder.userName.flatMap(name -> NamedUser.mistake(name, builder.rootfs)).ifPresent(found::add);
    check(
        builder.userName.isEmpty()
            || builder.joined.stream().noneMatch(each -> each.type() == NamespaceType.MOUNT),
        "user by name excludes a joined MOUNT namespace, whose files are not looked at");
    builder.idMap.ifPresent(map ->
        check(
            map.outsideUid(0).isPresent() && map.outsideGid(0).isPresent(),
            "idMap must map user 0 and group 0, which set the container up"));
    builder.idMap.flatMap(IdMapFiles::mistake).ifPresent(mistake -> found.add("idMap: " + mistake));
    builder.cgroupParent.ifPresent(
        path -> found.addAll(CgroupRequest.mistakes(Placements.relative(path))));
  }
}
