package dev.belljar;

import static dev.belljar.namespaces.NamespaceType.UTS;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** A program that starts containers and never ends them. */
final class LivesUntilKilled {
  private LivesUntilKilled() {}

  /** Prints the numbers of the containers' processes, then waits for nothing. */
  public static void main(String[] arguments) throws IOException {
    Container resident = Container.builder().start();
    ContainerProcess inside = resident.exec("sleep", "1000");
    Container behindInit = Container.builder().command("sleep", "1000").init(true).start();
    Container withoutPid = Container.builder().command("sleep", "1000").namespaces(UTS).start();
    List<Long> processes =
        new ArrayList<>(List.of(resident.pid(), inside.pid(), behindInit.pid(), withoutPid.pid()));
    if (Folders.IS_ROOT) { // whose change of user clears the death signal
      ContainerBuilder sleep = Container.builder().command("sleep", "1000");
      processes.add(sleep.namespaces(UTS).user(1000, 1000).start().pid());
      processes.add(withoutPid.exec().command("sleep", "1000").user(1000, 1000).start().pid());
    }
    System.out.println(processes.stream().map(String::valueOf).collect(Collectors.joining(" ")));
    System.in.read();
  }
}
