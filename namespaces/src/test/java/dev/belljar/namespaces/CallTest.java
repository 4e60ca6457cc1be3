package dev.belljar.namespaces;

import static dev.belljar.namespaces.NamespaceType.IPC;
import static dev.belljar.namespaces.NamespaceType.MOUNT;
import static dev.belljar.namespaces.NamespaceType.NET;
import static dev.belljar.namespaces.NamespaceType.UTS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.belljar.linux.Errno;
import dev.belljar.linux.LinuxException;
import dev.belljar.linux.testing.Effort;
import dev.belljar.linux.testing.KernelTest;
import dev.belljar.linux.testing.RequiresOrdinaryUser;
import dev.belljar.linux.testing.RequiresRoot;
import dev.belljar.linux.testing.RequiresUserNamespaces;
import dev.belljar.linux.testing.WarmUp;
import dev.belljar.namespaces.net.Link;
import dev.belljar.namespaces.net.LinkSpec;
import dev.belljar.namespaces.net.NetworkStack;
import dev.belljar.namespaces.testing.TestNet;
import java.io.IOException;
import java.net.NetworkInterface;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Java code that runs inside a namespace, and what becomes of the threads it starts. */
@KernelTest
@RequiresUserNamespaces
class CallTest {
  @WarmUp
  static void makeSome() throws Exception {
    InsideTest.enterOnce();
    try (TestNet net = TestNet.create()) {
      net.namespace().call(() -> 1);
    } catch (LinuxException e) { // an ordinary user is refused, after the JDK has made its pools
      assertThat(e.is(Errno.EPERM)).isTrue();
    }
  }

  private static String namespaceOfThread(NamespaceType type) throws IOException {
    return Files.readSymbolicLink(Path.of("/proc/thread-self/ns", type.fileName())).toString();
  }

  private static List<String> threadsIn(Namespace namespace) throws IOException {
    List<String> found = new ArrayList<>();
    try (Stream<Path> tasks = Files.list(Path.of("/proc/self/task"))) {
      for (Path task : tasks.toList()) {
        try {
          Path file = task.resolve("ns").resolve(namespace.type().fileName());
          if (Files.readSymbolicLink(file).toString().equals(namespace.toString())) {
            found.add(Files.readString(task.resolve("comm")).strip());
          }
        } catch (IOException ended) {
          // meanwhile
        }
      }
    }
    return found;
  }

  @ParameterizedTest
  @EnumSource(
      value = NamespaceType.class,
      names = {"NET", "UTS", "IPC", "CGROUP", "MOUNT"})
  @RequiresRoot
  void codeRunsInsideAndNobodyStaysThere(NamespaceType type) throws Exception {
    try (NamespaceSet made = NewNamespaces.of(type).create()) {
      Namespace namespace = made.get(type);
      assertThat(namespace.<String>call(() -> namespaceOfThread(type)))
          .isEqualTo(namespace.toString());
      assertThat(namespaceOfThread(type)).isNotEqualTo(namespace.toString());
      assertThat(threadsIn(namespace)).isEmpty();
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = NamespaceType.class,
      names = {"PID", "TIME", "USER"})
  void kindsThatAThreadCannotEnterAreRefusedAndPointToExec(NamespaceType type) {
    try (Namespace own = Namespace.current(type)) {
      assertThatThrownBy(() -> own.call(() -> 1))
          .isInstanceOf(UnsupportedOperationException.class)
          .hasMessageContaining(type.toString())
          .hasMessageContaining("exec a command");
      assertThatThrownBy(() -> Namespaces.unshare(() -> 1, type))
          .isInstanceOf(UnsupportedOperationException.class);
    }
  }

  @Test
  @RequiresOrdinaryUser
  void anOrdinaryUserIsToldWhatToDoInstead() {
    try (TestNet net = TestNet.create()) {
      assertThatThrownBy(() -> net.namespace().call(() -> 1))
          .isInstanceOfSatisfying(LinuxException.class, e -> assertThat(e.is(Errno.EPERM)).isTrue())
          .hasMessageContaining("single objects");
    }
  }

  @Test
  @RequiresRoot
  void aThreadWithNewNamespacesEndsWithThem() throws Exception {
    String inside =
        Namespaces.unshare(
            () -> namespaceOfThread(NET) + namespaceOfThread(MOUNT), NET, UTS, IPC, MOUNT);
    assertThat(inside)
        .doesNotContain(namespaceOfThread(NET))
        .doesNotContain(namespaceOfThread(MOUNT));
  }

  @Test
  @RequiresRoot
  void whatTheCodeThrowsIsThrown() {
    try (TestNet net = TestNet.create()) {
      assertThatThrownBy(() ->
              net.namespace()
                  .call(() -> {
                    throw new IOException("from inside");
                  }))
          .isInstanceOf(IOException.class)
          .hasMessage("from inside");
    }
  }

  /** What the JDK reads for "this process" is the process's, not the thread's. */
  @Test
  @RequiresRoot
  void networkInterfacesAndProcSelfDoNotFollowAThreadButProcThreadSelfDoes() throws Exception {
    try (TestNet net = TestNet.create()) {
      String ofProcess = Files.readString(Path.of("/proc/self/net/dev"));
      net.namespace()
          .call(() -> {
            // inside no interface has an address, since lo is down
            assertThat(NetworkInterface.networkInterfaces().map(NetworkInterface::getName))
                .containsExactlyInAnyOrderElementsOf(interfacesWithIpv6OfProcess());
            assertThat(Files.readAllLines(Path.of("/proc/thread-self/net/dev"))).hasSize(3);
            assertThat(Files.readString(Path.of("/proc/self/net/dev")).lines().count())
                .isEqualTo(ofProcess.lines().count());
            return null;
          });
    }
  }

  @Test
  @RequiresRoot
  void ourLinksFollowAThread() throws Exception {
    try (TestNet net = TestNet.create();
        Namespace outside = Namespace.current(NET)) {
      net.namespace()
          .call(() -> {
            try (NetworkStack stack = NetworkStack.current();
                Namespace ofThread = Namespace.ofThread(NET);
                Namespace ofProcess = Namespace.current(NET)) {
              stack.links().create(LinkSpec.veth("here0", LinkSpec.named("here1")));
              assertThat(stack.links().all()).extracting(Link::name).contains("here0", "here1");
              assertThat(ofThread).isEqualTo(net.namespace());
              assertThat(ofThread.device()).isEqualTo(outside.device());
              assertThat(ofProcess).isEqualTo(outside);
            }
            return null;
          });
      try (NetworkStack stack = NetworkStack.current();
          Namespace ofThread = Namespace.ofThread(NET)) {
        assertThat(stack.links().find("here0")).isEmpty();
        assertThat(ofThread).isEqualTo(outside);
      }
    }
  }

  private static Set<String> interfacesWithIpv6OfProcess() throws IOException {
    Path file = Path.of("/proc/self/net/if_inet6");
    return Files.exists(file)
        ? Files.readAllLines(file).stream()
            .map(line -> line.substring(line.lastIndexOf(' ') + 1))
            .collect(Collectors.toSet())
        : Set.of();
  }

  @Test
  @RequiresRoot
  void whatTheJdkStartsByItselfStaysOutside() throws Exception {
    try (TestNet net = TestNet.create()) {
      Namespace namespace = net.namespace();
      List<String> where = new ArrayList<>();
      namespace.call(() -> {
        AtomicReference<String> virtual = new AtomicReference<>();
        Thread thread =
            Thread.startVirtualThread(() -> {
              try {
                Thread.sleep(1);
                virtual.set(namespaceOfThread(NET));
              } catch (IOException | InterruptedException e) {
                virtual.set(e.toString());
              }
            });
        thread.join();
        where.add(virtual.get());
        where.add(
            CompletableFuture.supplyAsync(
                    () -> {
                      try {
                        return namespaceOfThread(NET);
                      } catch (IOException e) {
                        return e.toString();
                      }
                    })
                .join());
        return null;
      });
      assertThat(where).hasSize(2).doesNotContain(namespace.toString());
      assertThat(threadsIn(namespace)).isEmpty();
    }
  }

  /** The JDK ends its carriers after 30 s without work. */
  @Test
  @RequiresRoot
  void carriersThatHaveEndedAreStartedOutsideAgain() throws Exception {
    Effort.assumeNotEmulated(); // it is the JDK, not the kernel, that this is about
    Thread.startVirtualThread(() -> {}).join();
    long end = System.nanoTime() + Duration.ofMinutes(3).toNanos();
    while (carriers() > 0 && System.nanoTime() < end) {
      LockSupport.parkNanos(Duration.ofMillis(200).toNanos());
    }
    Assumptions.assumeTrue(carriers() == 0, "needs carriers that end");
    try (TestNet net = TestNet.create()) {
      net.namespace()
          .call(() -> {
            Thread.startVirtualThread(() -> {}).join();
            return null;
          });
      assertThat(threadsIn(net.namespace())).isEmpty();
    }
  }

  private static long carriers() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().startsWith("ForkJoinPool-1-worker"))
        .count();
  }

  @Test
  @RequiresRoot
  void everyThreadThatIsLeftInsideIsNamed() throws Exception {
    try (TestNet net = TestNet.create()) {
      Namespace namespace = net.namespace();
      List<AutoCloseable> started = new ArrayList<>();
      try {
        ThreadLeftInsideException left =
            catchThrowableOfType(
                ThreadLeftInsideException.class,
                () ->
                    namespace.call(() -> {
                      startEverything(started);
                      return null;
                    }));
        assertThat(left.threads())
            .anyMatch(name -> name.startsWith("left-executor"))
            .anyMatch(name -> name.startsWith("HttpClient"))
            .hasSameSizeAs(threadsIn(namespace));
        assertThat(left).hasMessageContaining(namespace.toString()).hasMessageContaining("left-");
      } finally {
        for (AutoCloseable each : started.reversed()) {
          each.close();
        }
      }
    }
  }

  private static void startEverything(List<AutoCloseable> started) throws Exception {
    ExecutorService executor =
        Executors.newSingleThreadExecutor(Thread.ofPlatform().name("left-executor").factory());
    started.add(executor);
    executor.submit(() -> 1).get();
    Process process = new ProcessBuilder("cat").start();
    started.add(() -> process.destroyForcibly().waitFor());
    CompletableFuture.runAsync(() -> {}).join();
    Thread.startVirtualThread(() -> {}).join();
    HttpClient client = HttpClient.newHttpClient();
    started.add(client);
    try {
      client.send(
          HttpRequest.newBuilder(URI.create("http://127.0.0.1:80/")).build(),
          HttpResponse.BodyHandlers.ofString());
    } catch (IOException unreachable) {
      // lo is down
    }
  }
}
