package dev.belljar;

import dev.belljar.linux.testing.OwnNetwork;
import dev.belljar.linux.testing.WarmUp;
import dev.belljar.namespaces.Namespace;
import dev.belljar.namespaces.net.BridgeNetwork;
import dev.belljar.namespaces.net.Network;
import java.net.DatagramSocket;
import java.net.SocketException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/**
 * Tests of containers whose networks are in a namespace of the test's own, which plays the host.
 */
abstract class BridgedTest extends ContainerTest {
  OwnNetwork hostNetwork;
  Namespace host;

  @WarmUp
  static void openASocket() throws SocketException {
    new DatagramSocket().close(); // the JDK keeps a descriptor from its first one on
  }

  @BeforeEach
  void makeTheHost() {
    hostNetwork = OwnNetwork.make();
    host = Namespace.open(hostNetwork.path());
  }

  @AfterEach
  void closeTheHost() {
    host.close();
    hostNetwork.close();
  }

  BridgeNetwork lan() {
    return Network.bridge("lan0", "10.88.0.0/24").in(host);
  }

  /** Returns the links that the host has. */
  String links() {
    return hostNetwork.run("ip", "-o", "link");
  }
}
