package dev.belljar;

import static dev.belljar.namespaces.NamespaceType.MOUNT;
import static dev.belljar.namespaces.NamespaceType.NET;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.belljar.linux.testing.KernelTest;
import dev.belljar.linux.testing.RequiresTool;
import dev.belljar.linux.testing.RequiresUserNamespaces;
import dev.belljar.linux.testing.WarmUp;
import dev.belljar.namespaces.forward.Publication;
import dev.belljar.namespaces.net.Network;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import org.junit.jupiter.api.Test;

@KernelTest
@RequiresUserNamespaces
@RequiresTool("busybox")
class PublishTest {
  private static final Duration LONG = Duration.ofSeconds(30);
  private static final int PORT = 8080;
  private static final InetAddress LOOPBACK = Publication.tcp(0, PORT).address();

  /** Answers each connection with what it sends and where it came from. */
  private static ContainerBuilder server() {
    return Container.builder()
        .command("busybox", "nc", "-ll", "-p", "" + PORT, "-e", "/bin/cat")
        .stdout(Stdio.discard())
        .stderr(Stdio.discard());
  }

  @WarmUp
  static void publishOnce() throws Exception {
    for (int i = 0; i < 4; i++) {
      publishAndAsk();
      publishBriefly().close();
    }
  }

  private static Container publishBriefly() {
    return Container.builder().command("true").publish(0, PORT).start();
  }

  private static String ask(int port, String question) throws IOException {
    try (Socket socket = new Socket()) {
      socket.setSoTimeout((int) LONG.toMillis());
      socket.connect(new InetSocketAddress(LOOPBACK, port));
      socket.getOutputStream().write(question.getBytes(UTF_8));
      socket.shutdownOutput();
      return new String(socket.getInputStream().readAllBytes(), UTF_8);
    }
  }

  @Test
  void aPortIsPublishedWhileTheContainerRuns() throws Exception {
    publishAndAsk();
  }

  private static void publishAndAsk() throws Exception {
    int port;
    try (Container container = server().publish(0, PORT).start()) {
      assertThat(container.ports().awaitListening(PORT, LONG)).isTrue();
      port = container.ports().publications().getFirst().hostPort();
      assertThat(ask(port, "hello")).isEqualTo("hello");
    }
    assertThatThrownBy(() -> ask(port, "hello")).hasMessageContaining("refused");
  }

  @Test
  void aPortIsPublishedLater() throws Exception {
    try (Container container = server().start()) {
      int port = container.publish(0, PORT);
      assertThat(container.ports().awaitListening(PORT, LONG)).isTrue();
      assertThat(ask(port, "later")).isEqualTo("later");
    }
  }

  @Test
  void twoContainersListenOnTheSamePortAndAreReachedApart() throws Exception {
    try (Container one = server().publish(0, PORT).start();
        Container two = server().start()) {
      int first = one.ports().publications().getFirst().hostPort();
      int second = two.publish(0, PORT);
      assertThat(first).isNotEqualTo(second);
      assertThat(one.ports().awaitListening(PORT, LONG)).isTrue();
      assertThat(two.ports().awaitListening(PORT, LONG)).isTrue();
      assertThat(ask(first, "1")).isEqualTo("1");
      assertThat(ask(second, "2")).isEqualTo("2");
    }
  }

  @Test
  void aPortThatIsTakenIsToldBeforeThereIsAProcess() throws IOException {
    try (ServerSocket taken = new ServerSocket()) {
      taken.bind(new InetSocketAddress(LOOPBACK, 0));
      ContainerBuilder builder = server().publish(taken.getLocalPort(), PORT);
      assertThatThrownBy(builder::start)
          .isInstanceOf(ContainerException.class)
          .hasMessageContaining("publishing 127.0.0.1:" + taken.getLocalPort())
          .hasMessageContaining("EADDRINUSE");
    }
  }

  @Test
  void aShortCommandGivesItsPortFree() throws Exception {
    try (Container container = publishBriefly()) {
      assertThat(container.waitFor()).isZero();
      assertThat(container.onExit().join().code()).isZero();
      assertThat(container.ports().publications()).isEmpty();
      assertThatThrownBy(() -> container.publish(0, PORT))
          .isInstanceOf(IllegalStateException.class);
    }
  }

  @Test
  void everyMistakeIsToldAtOnce() {
    ContainerBuilder builder =
        server()
            .namespaces(MOUNT)
            .publish(70000, 1)
            .publish(1, 0)
            .publish(99, 1)
            .publish(Publication.tcp(99, 2))
            .publish(Publication.udp(99, 2));
    assertThatIllegalArgumentException()
        .isThrownBy(builder::build)
        .withMessageContaining("a host's port is 0 to 65535, not 70000")
        .withMessageContaining("a container's port is 1 to 65535, not 0")
        .withMessageContaining("publish needs a network of the container's own")
        .withMessageContaining("publish has the host's port of 127.0.0.1:99 -> 2/tcp twice");
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> server().namespaces(MOUNT, NET).network(Network.host()).publish(9, 9).build())
        .withMessageContaining("publish needs a network of the container's own");
  }
}
