package dev.belljar.namespaces.forward;

import dev.belljar.linux.Descriptor;
import dev.belljar.linux.call.Strace;
import dev.belljar.linux.syscall.Scratch;
import dev.belljar.linux.syscall.Syscall;
import dev.belljar.linux.syscall.SyscallNumber;
import dev.belljar.namespaces.Namespace;
import dev.belljar.namespaces.net.IpNetwork;
import dev.belljar.namespaces.net.LinkSpec;
import dev.belljar.namespaces.net.NetworkStack;
import dev.belljar.namespaces.testing.TestNet;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.function.Consumer;

/** A throw-away network namespace with {@code lo} up, and a forwarder into it. */
final class ForwardedNet implements AutoCloseable {
  private static final int SIOCSIFFLAGS = 0x8914;

  final TestNet net = TestNet.create();
  final PortForwarder forwarder;

  ForwardedNet() {
    this(PipePool.ofUsefulPipes(), _ -> {});
  }

  /**
   * Makes one.
   *
   * @param pipes those that bytes pass through
   * @param preparation what is done inside before the forwarder comes
   */
  ForwardedNet(PipePool pipes, Consumer<NetworkStack> preparation) {
    loopbackUp(net.namespace());
    try (NetworkStack inside = NetworkStack.of(net.namespace())) {
      preparation.accept(inside);
    }
    forwarder = PortForwarder.open(net.namespace(), new Forwarding(pipes));
  }

  /** One whose forwarder has no pipes, as when the user's pipes hold as much as they may. */
  static ForwardedNet withoutPipes() {
    return new ForwardedNet(new PipePool(Long.MAX_VALUE), _ -> {});
  }

  static void loopbackUp(Namespace net) {
    try (Descriptor socket = net.rawSocket(2, 2, 0);
        Scratch scratch = Scratch.open()) {
      MemorySegment request = scratch.allocate(40);
      request.setString(0, "lo");
      request.set(ValueLayout.JAVA_SHORT, 16, (short) 1);
      Strace.check(
          Syscall.call(SyscallNumber.IOCTL, socket.number(), SIOCSIFFLAGS, request.address()),
          () -> "ioctl(SIOCSIFFLAGS)");
    }
  }

  /** The only address of the namespace but those of lo. */
  static final IpNetwork ONE = IpNetwork.parse("10.9.1.1/24");

  static void giveOneAddress(NetworkStack inside) {
    inside.links().create(LinkSpec.veth("eth0", LinkSpec.named("eth1")));
    for (String name : List.of("eth1", "eth0")) {
      inside.links().up(inside.links().get(name));
    }
    inside.addresses().add(inside.links().get("eth0"), ONE);
  }

  void takeTheAddress() {
    try (NetworkStack inside = NetworkStack.of(net.namespace())) {
      inside.addresses().remove(inside.links().get("eth0"), ONE);
    }
  }

  Namespace namespace() {
    return net.namespace();
  }

  static InetAddress address(String text) {
    try {
      return InetAddress.getByName(text);
    } catch (UnknownHostException e) {
      throw new AssertionError(e);
    }
  }

  @Override
  public void close() {
    try (net) {
      forwarder.close();
    }
  }
}
