package dev.belljar;

import static dev.belljar.namespaces.NamespaceType.PID;
import static dev.belljar.namespaces.NamespaceType.UTS;

import dev.belljar.cgroups.Cgroup;
import dev.belljar.linux.testing.OtherJvm;
import java.util.ArrayList;
import java.util.List;

/** What another JVM does for a test: it starts containers. */
final class ContainerMaker {
  private static final List<Container> RUNNING = new ArrayList<>();

  private ContainerMaker() {}

  public static void main(String[] arguments) {
    OtherJvm.serve(ContainerMaker::answer);
  }

  private static List<String> answer(List<String> words) {
    ContainerBuilder limited =
        Container.builder().command("sleep", "1000").cpuShares(512).memory(64 << 20).pids(20);
    return switch (words.getFirst()) {
      case "start" -> start(limited.namespaces(UTS));
      case "start-with-pid" -> start(limited.namespaces(PID, UTS));
      case "start-lenient" -> start(limited.namespaces(UTS).lenient());
      case "warnings" -> limited.lenient().build().plan().warnings();
      default -> throw new IllegalArgumentException(words.toString());
    };
  }

  /** Says the process id of the command, then the paths of its groups. */
  private static List<String> start(ContainerBuilder builder) {
    Container container = builder.start();
    RUNNING.add(container);
    List<String> lines = new ArrayList<>(List.of(Long.toString(container.pid())));
    Cgroup group = container.cgroup().orElseThrow();
    group.hierarchies().forEach(hierarchy -> lines.add(group.path(hierarchy).toString()));
    return lines;
  }
}
