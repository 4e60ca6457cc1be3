package dev.belljar.namespaces.forward;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belljar.linux.testing.KernelTest;
import dev.belljar.linux.testing.RequiresUserNamespaces;
import dev.belljar.linux.testing.WarmUp;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@KernelTest
@RequiresUserNamespaces
class AwaitListeningTest {
  private static final Duration LONG = Duration.ofSeconds(20);

  @WarmUp
  static void openOnce() throws InterruptedException {
    for (int i = 0; i < 4; i++) {
      try (ForwardedNet net = new ForwardedNet()) {
        net.forwarder.awaitListening(80, Duration.ZERO);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"0.0.0.0", "::", "169.254.77.1", "fd62:656c:6c6a:6172::1"})
  void whoListensIsFound(String address) throws InterruptedException {
    try (ForwardedNet net = new ForwardedNet();
        InsideServer _ = new InsideServer(net.namespace(), ForwardedNet.address(address), 80)) {
      assertThat(net.forwarder.awaitListening(80, LONG)).isTrue();
      assertThat(net.forwarder.awaitListening(81, Duration.ZERO)).isFalse();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"127.0.0.1", "::1"})
  void whoListensOnALoopbackAddressOnlyIsNot(String address) throws InterruptedException {
    try (ForwardedNet net = new ForwardedNet();
        InsideServer _ = new InsideServer(net.namespace(), ForwardedNet.address(address), 80)) {
      assertThat(net.forwarder.awaitListening(80, Duration.ofMillis(1))).isFalse();
    }
  }

  @Test
  void whoListensLaterIsWaitedFor() throws Exception {
    try (ForwardedNet net = new ForwardedNet()) {
      CompletableFuture<Boolean> listening = new CompletableFuture<>();
      Thread waiter =
          Thread.ofPlatform()
              .start(() -> {
                try {
                  listening.complete(net.forwarder.awaitListening(80, LONG));
                } catch (InterruptedException | RuntimeException e) {
                  listening.completeExceptionally(e);
                }
              });
      try (InsideServer _ =
          new InsideServer(net.namespace(), ForwardedNet.address("0.0.0.0"), 80)) {
        assertThat(listening.get()).isTrue();
        waiter.join();
      }
    }
  }
}
