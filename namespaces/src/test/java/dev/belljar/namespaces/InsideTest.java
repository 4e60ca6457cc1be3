package dev.belljar.namespaces;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.belljar.linux.Descriptor;
import dev.belljar.linux.Errno;
import dev.belljar.linux.LinuxException;
import dev.belljar.linux.call.FileCalls;
import dev.belljar.linux.testing.KernelTest;
import dev.belljar.linux.testing.RequiresUserNamespaces;
import dev.belljar.linux.testing.WarmUp;
import dev.belljar.namespaces.testing.TestNet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@KernelTest
@RequiresUserNamespaces
class InsideTest {
  private static final int AF_INET = 2;
  private static final int SOCK_DGRAM = 2;

  @WarmUp
  static void enterOnce() {
    for (int i = 0; i < 4; i++) { // each of the threads that start processes
      TestNet.owned().close();
    }
  }

  @Test
  void aSocketIsMadeInside() {
    try (TestNet net = TestNet.create();
        Descriptor socket = net.namespace().rawSocket(AF_INET, SOCK_DGRAM, 0);
        Namespace its = Namespace.ofSocket(socket)) {
      assertThat(its).isEqualTo(net.namespace());
    }
  }

  @Test
  void manySocketsAreMadeInside() {
    try (TestNet net = TestNet.owned()) {
      for (int i = 0; i < 20; i++) {
        try (Descriptor socket = net.namespace().rawSocket(AF_INET, SOCK_DGRAM, 0);
            Namespace its = Namespace.ofSocket(socket)) {
          assertThat(its).isEqualTo(net.namespace());
        }
      }
    }
  }

  @Test
  void aFileIsOpenedAsItIsSeenInside() {
    try (TestNet net = TestNet.create();
        Descriptor file = net.namespace().openFile("/proc/thread-self/net/dev", 0)) {
      String devices = new String(FileCalls.readAll(file.number()), US_ASCII);
      assertThat(devices.lines().skip(2)).singleElement().asString().contains("lo:");
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = NamespaceType.class,
      names = {"MOUNT", "PID", "TIME", "USER"})
  void noFileIsOpenedInAKindThatAThreadCannotEnterAndLeave(NamespaceType type) {
    try (Namespace own = Namespace.current(type)) {
      assertThatThrownBy(() -> own.openFile("/proc/version", 0))
          .isInstanceOf(UnsupportedOperationException.class)
          .hasMessageContaining(type.toString());
    }
  }

  @Test
  void whatIsRefusedInsideIsToldAsOutside() {
    try (TestNet net = TestNet.create()) {
      assertThatThrownBy(() -> net.namespace().openFile("/there/is/none", 0))
          .isInstanceOfSatisfying(
              LinuxException.class, e -> assertThat(e.is(Errno.ENOENT)).isTrue())
          .hasMessageContaining("openat(AT_FDCWD, \"/there/is/none\", O_RDONLY|O_CLOEXEC)");
      assertThatThrownBy(() -> net.namespace().rawSocket(77, SOCK_DGRAM, 0))
          .isInstanceOfSatisfying(
              LinuxException.class, e -> assertThat(e.is(Errno.EAFNOSUPPORT)).isTrue());
    }
  }
}
