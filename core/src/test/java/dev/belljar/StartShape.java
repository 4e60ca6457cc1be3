package dev.belljar;

import static dev.belljar.namespaces.NamespaceType.UTS;

import dev.belljar.namespaces.NamespaceType;
import dev.belljar.rootfs.InputTree;
import dev.belljar.rootfs.Mount;
import dev.belljar.rootfs.Overlay;
import dev.belljar.rootfs.Rootfs;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

/** Kinds of starts that differ in what they make and so in what can fail. */
enum StartShape {
  PLAIN,
  LIMITED,
  RESIDENT,
  BEHIND_AN_INIT,
  TIMED,
  ROOTLESS,
  WITHOUT_PID,
  OF_ALL_KINDS,
  WITHOUT_PIPES,
  /** With mounts of every kind that were asked for, and a terminal. */
  FURNISHED,
  /** With a tree in memory for a root. */
  OF_A_TREE,
  /** With mounts that its root cannot take apart. */
  LOCKED;

  private static final List<String> PROGRAMS =
      Stream.of("/bin", "/lib", "/lib64", "/usr")
          .filter(path -> Files.isDirectory(Path.of(path)))
          .toList();

  ContainerBuilder builder() {
    ContainerBuilder cat = Container.builder().command("cat");
    return switch (this) {
      case PLAIN -> cat;
      case LIMITED -> cat.lenient().cpuShares(512).cpus(0.5).memory(64 << 20).pids(20);
      case RESIDENT -> Container.builder();
      case BEHIND_AN_INIT -> cat.init(true);
      case TIMED -> cat.timeout(Duration.ofMinutes(5));
      case ROOTLESS -> cat.rootless();
      case WITHOUT_PID -> cat.namespaces(UTS);
      case OF_ALL_KINDS -> cat.namespaces(NamespaceType.values());
      case WITHOUT_PIPES ->
          cat.stdin(Stdio.discard()).stdout(Stdio.discard()).stderr(Stdio.discard());
      case FURNISHED ->
          cat.rootfs(Rootfs.host().hide("/tmp/bound/passwd"))
              .mount(
                  Mount.rbind("/etc", "/tmp/bound").readOnly(),
                  Mount.bind("/passwd", "/tmp/file").within("/etc"),
                  Mount.overlay(Overlay.of("/usr").readOnly(), "/tmp/layers"),
                  Mount.tmpfs("/tmp/new").option("size=64k"))
              .sysctl("net.ipv4.ip_default_ttl", "77")
              .workingDirectory("/tmp/home")
              .makeDirectories()
              .terminal();
      case OF_A_TREE ->
          cat.rootfs(Rootfs.empty().with(tree()))
              .mount(PROGRAMS.stream().<Mount>map(path -> Mount.rbind(path, path)).toList());
      case LOCKED -> cat.rootless().privileged();
    };
  }

  private static InputTree tree() {
    InputTree.Builder builder = InputTree.builder().link("/in/link", "/x");
    PROGRAMS.forEach(builder::directory);
    return builder.copy("/in/copy", "/etc/passwd").build();
  }
}
