package dev.belljar.examples;

import dev.belljar.Container;
import dev.belljar.ContainerProcess;
import dev.belljar.namespaces.Namespace;
import dev.belljar.namespaces.NamespaceType;
import dev.belljar.namespaces.Namespaces;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/** Shows what each kind of namespace isolates: the same thing inside and outside, at one moment. */
public final class Isolation {
  private static final InetSocketAddress PORT_80 =
      new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 80);

  private Isolation() {}

  /**
   * Runs the example.
   *
   * @param arguments none
   * @throws IOException when a file of /proc cannot be read, or a connection fails
   */
  public static void main(String[] arguments) throws IOException {
    try (Container container =
        Container.builder()
            .rootless()
            .hostname("inside")
            .domainname("inside.example")
            .clocks(Duration.ZERO, Duration.ofDays(100))
            .privileged()
            .start()) {
      names(container);
      processes(container);
      mounts(container);
      queues(container);
      identity(container);
      clocks(container);
      network(container);
      handles(container);
    }
  }

  private static void names(Container container) throws IOException {
    say("UTS", "host name", container, "cat /proc/sys/kernel/hostname");
    say("UTS", "domain name", container, "cat /proc/sys/kernel/domainname");
  }

  private static void processes(Container container) throws IOException {
    System.out.printf("%-7s first process    inside 1, outside %d%n", "PID", container.pid());
    say("PID", "processes seen", container, "cd /proc; set -- [0-9]*; echo $#");
  }

  private static void mounts(Container container) throws IOException {
    inside(container, "mount -t tmpfs demonstration /mnt");
    say("MOUNT", "mounts on /mnt", container, "grep -c ' /mnt ' /proc/self/mountinfo || true");
  }

  private static void queues(Container container) throws IOException {
    inside(container, "touch /dev/mqueue/demonstration");
    say("IPC", "POSIX queues", container, "ls /dev/mqueue 2>/dev/null | wc -w");
  }

  private static void identity(Container container) throws IOException {
    say("USER", "user id", container, "id -u");
    say("USER", "id map", container, "tr -s ' ' < /proc/self/uid_map");
  }

  private static void clocks(Container container) throws IOException {
    say("TIME", "days up", container, "read up rest < /proc/uptime; echo $((${up%.*} / 86400))");
  }

  private static void network(Container container) throws IOException {
    say("NET", "interfaces", container, "cat /proc/net/dev | tail -n +3 | wc -l");
    try (Container other = Container.builder().start();
        Namespace one = container.namespace(NamespaceType.NET);
        Namespace two = other.namespace(NamespaceType.NET);
        ServerSocketChannel server = one.serverSocketChannel();
        ServerSocketChannel another = two.serverSocketChannel();
        SocketChannel client = one.socketChannel()) {
      server.bind(PORT_80);
      another.bind(PORT_80);
      client.connect(PORT_80);
      System.out.println("NET     two containers   both have a server on port 80");
    }
  }

  private static void handles(Container container) {
    for (NamespaceType type : NamespaceType.values()) {
      try (Namespace its = container.namespace(type);
          Namespace own = Namespace.current(type)) {
        System.out.printf("%-7s namespace        inside %s, outside %s%n", type, its, own);
      }
    }
    System.out.println(
        Namespaces.all().size() + " namespaces are on this machine, as far as this user can see");
  }

  private static void say(String kind, String what, Container container, String script)
      throws IOException {
    String inside = inside(container, script);
    System.out.printf("%-7s %-16s inside %s, outside %s%n", kind, what, inside, outside(script));
  }

  private static String inside(Container container, String script) throws IOException {
    ContainerProcess process = container.exec("sh", "-c", script);
    return text(process);
  }

  private static String outside(String script) throws IOException {
    return text(new ProcessBuilder("sh", "-c", script).start());
  }

  private static String text(Process process) throws IOException {
    process.getOutputStream().close();
    return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
  }
}
