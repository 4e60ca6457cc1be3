package dev.belljar;

import static dev.belljar.namespaces.NamespaceType.UTS;

import java.io.IOException;

/** A program that starts containers and never ends them. */
final class LivesUntilKilled {
  private LivesUntilKilled() {}

  /** Prints the numbers of the containers' processes, then waits for nothing. */
  public static void main(String[] arguments) throws IOException {
    Container resident = Container.builder().start();
    ContainerProcess inside = resident.exec("sleep", "1000");
    Container behindInit = Container.builder().command("sleep", "1000").init(true).start();
    Container withoutPid = Container.builder().command("sleep", "1000").namespaces(UTS).start();
    System.out.printf(
        "%d %d %d %d%n", resident.pid(), inside.pid(), behindInit.pid(), withoutPid.pid());
    System.in.read();
  }
}
