package dev.belljar.namespaces.attach;

import dev.belljar.linux.testing.KernelTest;
import dev.belljar.linux.testing.OwnNetwork;
import dev.belljar.linux.testing.WarmUp;
import dev.belljar.namespaces.Namespace;
import dev.belljar.namespaces.net.BridgeNetwork;
import dev.belljar.namespaces.net.Network;
import java.net.DatagramSocket;
import java.net.SocketException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** Tests of namespaces that play containers, with networks of one that plays the host. */
@KernelTest
abstract class AttachedTest {
  final List<AutoCloseable> made = new ArrayList<>();
  OwnNetwork hostNetwork;
  Namespace host;
  OwnNetwork first;
  OwnNetwork second;

  @WarmUp
  static void openASocket() throws SocketException {
    new DatagramSocket().close();
  }

  @BeforeEach
  void makeNetworks() {
    hostNetwork = OwnNetwork.make();
    first = OwnNetwork.make();
    second = OwnNetwork.make();
    host = Namespace.open(hostNetwork.path());
  }

  @AfterEach
  void close() throws Exception {
    for (AutoCloseable one : made.reversed()) {
      one.close();
    }
    host.close();
    hostNetwork.close();
    first.close();
    second.close();
  }

  BridgeNetwork lan() {
    return Network.bridge("lan0", "10.88.0.0/24").in(host);
  }

  Attachment attach(Network network, OwnNetwork container, String name) {
    try (Namespace inside = Namespace.open(container.path())) {
      Attachment attachment = Attachment.of(network, inside, name);
      made.add(attachment);
      return attachment;
    }
  }

  String links() {
    return hostNetwork.run("ip", "-o", "link");
  }
}
