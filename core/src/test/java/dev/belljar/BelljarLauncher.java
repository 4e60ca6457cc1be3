package dev.belljar;

import static dev.belljar.namespaces.NamespaceType.CGROUP;
import static dev.belljar.namespaces.NamespaceType.TIME;
import static dev.belljar.namespaces.NamespaceType.USER;

import dev.belljar.linux.syscall.Scratch;
import dev.belljar.linux.syscall.Syscall;
import dev.belljar.linux.syscall.SyscallNumber;
import dev.belljar.linux.testing.OwnNetwork;
import dev.belljar.namespaces.Namespace;
import dev.belljar.namespaces.NamespaceType;
import dev.belljar.namespaces.net.Network;
import dev.belljar.rootfs.BindMount;
import dev.belljar.rootfs.Mount;
import dev.belljar.rootfs.Overlay;
import dev.belljar.rootfs.Rootfs;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.Set;

/** Belljar as a launcher of the containers that attacks ask for. */
final class BelljarLauncher {
  private BelljarLauncher() {}

  /** Runs a container to its end. */
  static String run(Wanted wanted, boolean rootless) {
    if (wanted.hosts.isEmpty()) {
      return run(wanted, builder(wanted, rootless));
    }
    try (OwnNetwork network = OwnNetwork.make();
        Namespace host = Namespace.open(network.path())) {
      return run(
          wanted,
          builder(wanted, rootless).network(Network.bridge("lan0", "10.88.0.0/24").in(host)));
    }
  }

  private static String run(Wanted wanted, ContainerBuilder builder) {
    long leaked = wanted.leak.map(BelljarLauncher::openCarelessly).orElse(-1L);
    try {
      Outcome outcome = Outcome.of(builder);
      wanted.cleanedUp.ifPresent(Overlay::delete);
      return "ran: %s %s %s".formatted(outcome.status(), outcome.out(), outcome.err());
    } catch (ContainerException | IllegalArgumentException e) {
      return Deed.REFUSED + e.getMessage();
    } finally {
      if (leaked >= 0) {
        Syscall.call(SyscallNumber.CLOSE, leaked);
      }
    }
  }

  // Without O_CLOEXEC, which no Java code can leave out.
  private static long openCarelessly(Path directory) {
    try (Scratch scratch = Scratch.open()) {
      return Syscall.call(
          SyscallNumber.OPENAT, Syscall.AT_FDCWD, scratch.string(directory.toString()), 0, 0);
    }
  }

  private static ContainerBuilder builder(Wanted wanted, boolean rootless) {
    Rootfs rootfs =
        wanted.cleanedUp.isPresent()
            ? Rootfs.overlay(wanted.cleanedUp.get())
            : Rootfs.directory(wanted.root);
    if (wanted.readOnly) {
      rootfs = rootfs.readOnly();
    }
    for (String path : wanted.hidden) {
      rootfs = rootfs.hide(path);
    }
    ContainerBuilder builder =
        Container.builder()
            .rootfs(rootfs)
            .command(wanted.command)
            .init(wanted.launcher.isPresent())
            .workingDirectory(wanted.folder)
            .timeout(ContainerTest.DEADLINE);
    for (Wanted.Bind bind : wanted.binds) {
      BindMount mount =
          bind.readOnly()
              ? Mount.rbind(bind.source().toString(), bind.target()).readOnly()
              : Mount.bind(bind.source().toString(), bind.target());
      builder.mount(bind.base().map(base -> mount.within(base.toString())).orElse(mount));
    }
    wanted.user.ifPresent(builder::user);
    if (wanted.terminal) {
      builder.terminal();
    }
    if (wanted.sysctl) {
      builder.sysctl(Wanted.SYSCTL, Wanted.SYSCTL_VALUE);
    }
    Set<NamespaceType> own = EnumSet.complementOf(EnumSet.of(TIME, rootless ? TIME : USER));
    if (!wanted.hasCgroup) {
      own.remove(CGROUP);
    }
    builder.namespaces(own.toArray(NamespaceType[]::new));
    return rootless ? builder.rootless() : builder;
  }
}
