package dev.belljar.namespaces.forward;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.belljar.linux.Descriptor;
import dev.belljar.linux.Errno;
import dev.belljar.linux.LinuxException;
import dev.belljar.linux.call.Closing;
import dev.belljar.linux.call.FileCalls;
import dev.belljar.linux.call.OpenFlags;
import dev.belljar.linux.call.Pipe;
import dev.belljar.linux.call.SpliceCalls;
import dev.belljar.linux.call.Strace;
import dev.belljar.linux.syscall.Scratch;
import dev.belljar.linux.syscall.Syscall;
import dev.belljar.linux.syscall.SyscallNumber;
import dev.belljar.linux.testing.KernelTest;
import dev.belljar.linux.testing.RequiresOrdinaryUser;
import dev.belljar.linux.testing.RequiresUserNamespaces;
import dev.belljar.linux.testing.WarmUp;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Forwarded ports while descriptors, or the user's pipes, are used up. */
@KernelTest
@RequiresUserNamespaces
class ShortageTest {
  private static final int PORT = 80;
  private static final int CLIENTS = 30;
  private static final int TIMEOUT_MILLIS = 60_000;
  private static final InetAddress ANY = ForwardedNet.address("0.0.0.0");
  private static final int RLIMIT_NOFILE = 7;

  @WarmUp
  static void runShort() throws Exception {
    loadClasses(Descriptor.class, PortForwarder.class, ShortageTest.class);
    assertThat(isShort()).isFalse();
    for (int i = 0; i < 4; i++) {
      new ForwardedNet().close();
    }
    outOfDescriptors();
  }

  /**
   * Loads what is in folders: to do so needs a descriptor for each, of which there will be none.
   */
  private static void loadClasses(Class<?>... ofTheSameFolders) throws Exception {
    for (Class<?> one : ofTheSameFolders) {
      Path folder = Path.of(one.getProtectionDomain().getCodeSource().getLocation().toURI());
      if (!Files.isDirectory(folder)) {
        continue; // a jar, which stays open
      }
      try (Stream<Path> files = Files.walk(folder)) {
        for (Path file : files.filter(path -> path.toString().endsWith(".class")).toList()) {
          String name = folder.relativize(file).toString().replace('/', '.');
          if (name.startsWith("dev.")) {
            Class.forName(
                name.substring(0, name.length() - ".class".length()), false, one.getClassLoader());
          }
        }
      }
    }
  }

  /** Sockets that are there before descriptors are used up. */
  private static List<Socket> unconnected() throws IOException {
    List<Socket> clients = new ArrayList<>();
    for (int i = 0; i < CLIENTS; i++) {
      Socket socket = new Socket();
      socket.setReuseAddress(true); // which makes the descriptor
      socket.setSoTimeout(TIMEOUT_MILLIS);
      clients.add(socket);
    }
    return clients;
  }

  /** Opens files until no more can be opened, and one less. */
  private static List<Descriptor> useUp() {
    List<Descriptor> used = new ArrayList<>();
    try {
      while (true) {
        used.add(FileCalls.open("/dev/null", OpenFlags.O_RDONLY));
      }
    } catch (LinuxException e) {
      assertThat(e.is(Errno.EMFILE)).isTrue();
    }
    used.removeLast().close();
    return used;
  }

  private static int nextNumber() {
    try (Descriptor next = FileCalls.open("/dev/null", OpenFlags.O_RDONLY)) {
      return next.number();
    }
  }

  private static boolean isShort() {
    try (Descriptor _ = FileCalls.open("/dev/null", OpenFlags.O_RDONLY)) {
      return false;
    } catch (LinuxException e) {
      return e.is(Errno.EMFILE);
    }
  }

  /** Sets how many descriptors this process may have, and returns how many it could. */
  private static long limitDescriptors(long most) {
    try (Scratch scratch = Scratch.open()) {
      MemorySegment limit = scratch.allocate(16);
      prlimit(0, limit.address());
      long before = limit.get(ValueLayout.JAVA_LONG, 0);
      limit.set(ValueLayout.JAVA_LONG, 0, most);
      prlimit(limit.address(), 0);
      return before;
    }
  }

  private static void prlimit(long wanted, long before) {
    Strace.check(
        Syscall.call(SyscallNumber.PRLIMIT64, 0, RLIMIT_NOFILE, wanted, before),
        () -> "prlimit64(RLIMIT_NOFILE)");
  }

  @Test
  void outOfDescriptorsConnectionsWaitAndNoneIsLost() throws Exception {
    outOfDescriptors();
  }

  private static void outOfDescriptors() throws Exception {
    List<AutoCloseable> clients = new ArrayList<>();
    try (ForwardedNet net = new ForwardedNet();
        InsideServer server = new InsideServer(net.namespace(), ANY, PORT)) {
      int port = net.forwarder.publish(0, PORT);
      List<Socket> sockets = unconnected();
      clients.addAll(sockets);
      long limit = limitDescriptors(nextNumber() + 20L);
      List<Descriptor> used = List.of();
      try {
        used = useUp();
        for (Socket socket : sockets) {
          socket.connect(new InetSocketAddress(Reach.loopback(), port), TIMEOUT_MILLIS);
          socket.getOutputStream().write(sockets.indexOf(socket));
        }
        while (!isShort()) {
          Thread.onSpinWait(); // the forwarder takes the last one
        }
      } finally {
        limitDescriptors(limit);
        Closing.all(used);
      }
      for (int i = 0; i < CLIENTS; i++) {
        try (InsideServer.Connection connection = server.accept()) {
          connection.write(connection.read(1).getBytes(UTF_8));
        }
      }
      for (Socket socket : sockets) {
        assertThat(socket.getInputStream().read()).isEqualTo(sockets.indexOf(socket));
      }
    } finally {
      Closing.all(clients);
    }
  }

  @Test
  @RequiresOrdinaryUser
  void whenAUsersPipesHoldAsMuchAsTheyMayBytesAreCopied() throws Exception {
    List<Pipe> pipes = new ArrayList<>();
    try {
      do {
        pipes.add(FileCalls.pipe(OpenFlags.O_NONBLOCK));
      } while (SpliceCalls.pipeSize(pipes.getLast().write().number()) >= 1 << 16);
      assertThat(PipePool.ofUsefulPipes().take()).isEmpty();
      byte[] bytes = new byte[1_000_000];
      new Random(2).nextBytes(bytes);
      try (ForwardedNet net = new ForwardedNet();
          InsideServer server = new InsideServer(net.namespace(), ANY, PORT);
          Socket client = new Socket(Reach.loopback(), net.forwarder.publish(0, PORT));
          InsideServer.Connection connection = server.accept()) {
        client.setSoTimeout(TIMEOUT_MILLIS);
        CompletableFuture<Void> echo =
            CompletableFuture.runAsync(connection::echo, Thread::startVirtualThread);
        CompletableFuture<Void> sent =
            CompletableFuture.runAsync(
                () -> {
                  try {
                    client.getOutputStream().write(bytes);
                    client.shutdownOutput();
                  } catch (IOException e) {
                    throw new AssertionError(e);
                  }
                },
                Thread.ofPlatform()::start);
        assertThat(Arrays.equals(client.getInputStream().readAllBytes(), bytes)).isTrue();
        sent.join();
        echo.join();
      }
    } finally {
      Closing.all(pipes);
    }
  }
}
