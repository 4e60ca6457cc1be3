package dev.belljar;

import static dev.belljar.namespaces.NamespaceType.UTS;

import dev.belljar.namespaces.NamespaceType;
import java.time.Duration;

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
  WITHOUT_PIPES;

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
    };
  }
}
