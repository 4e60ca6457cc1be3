package dev.belljar.benchmarks;

import dev.belljar.Belljar;
import dev.belljar.namespaces.Namespace;
import dev.belljar.namespaces.forward.PortForwarder;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A JVM that does nothing but forward a port, as the C proxies do, so that what the measuring
 * itself takes of time and memory is not counted: {@code ForwardingJvm NAMESPACE PORT}. It prints
 * the port of the host, and ends with its standard input.
 */
public final class ForwardingJvm {
  private static final String OPTIONS = "BELLJAR_BENCHMARK_OPTIONS";

  private ForwardingJvm() {}

  /**
   * Forwards until its standard input ends.
   *
   * @param arguments a file of the NET namespace, and the port there
   */
  public static void main(String... arguments) throws IOException {
    try (Namespace net = Namespace.open(Path.of(arguments[0]));
        PortForwarder forwarder = PortForwarder.open(net)) {
      System.out.println(forwarder.publish(0, Integer.parseInt(arguments[1])));
      while (System.in.read() >= 0) {
        // nothing is said to it
      }
    } finally {
      Belljar.shutdown();
    }
  }

  /** The command that starts it, with the options that {@code benchmarks/java} gives. */
  static List<String> command(String namespace, int port) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    String options = System.getenv().getOrDefault(OPTIONS, "").strip();
    if (!options.isEmpty()) {
      command.addAll(List.of(options.split(" +", -1)));
    }
    command.addAll(
        List.of(
            "--illegal-native-access=deny",
            "--enable-native-access=dev.belljar.linux",
            "--module-path",
            System.getProperty("jdk.module.path"),
            "--module",
            "dev.belljar.benchmarks/" + ForwardingJvm.class.getName(),
            namespace,
            Integer.toString(port)));
    return command;
  }
}
