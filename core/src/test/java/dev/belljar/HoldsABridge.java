package dev.belljar;

import dev.belljar.namespaces.net.Network;
import java.io.IOException;

/** A program that has a container on a bridge and never ends it. */
final class HoldsABridge {
  private HoldsABridge() {}

  /** Prints the number of the container's process, then waits for nothing. */
  public static void main(String[] arguments) throws IOException {
    Container container =
        Container.builder()
            .hostname("theirs")
            .network(Network.bridge("lan0", "10.88.0.0/24"))
            .start();
    System.out.println(container.pid());
    System.in.read();
  }
}
