package dev.belljar;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.stream.Collectors.joining;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A launcher without any care, of the same containers; what it does is in {@code
 * naive-launcher.sh}. An attack that does not even succeed against it proves nothing.
 */
final class NaiveLauncher {
  private static final String SCRIPT = script();

  private NaiveLauncher() {}

  /** Runs a container to its end. */
  static String run(Wanted wanted) {
    List<String> command =
        new ArrayList<>(
            List.of("unshare", "-m", "-p", "-f", "-u", "-i", "-n", "--propagation", "unchanged"));
    if (!Folders.IS_ROOT) {
      command.addAll(List.of("-U", "-r"));
    }
    command.addAll(List.of("sh", "-c", SCRIPT, "sh"));
    command.addAll(wanted.command);
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder
        .environment()
        .putAll(
            Map.of(
                "ROOT",
                wanted.root.toString(),
                "BINDS",
                Stream.concat(
                        wanted.binds.stream(),
                        wanted.hosts.stream()
                            .map(file ->
                                new Wanted.Bind(file, "/etc/hosts", false, Optional.empty())))
                    .map(NaiveLauncher::line)
                    .collect(joining("\n")),
                "HIDDEN",
                String.join("\n", wanted.hidden),
                "SHARED",
                wanted.forgetsPropagation ? "yes" : "no",
                "LEAK",
                wanted.leak.map(Object::toString).orElse(""),
                "READONLY",
                wanted.readOnly ? "yes" : "no",
                "CHECKED",
                wanted.checksPaths ? "yes" : "no",
                "LAUNCHER",
                wanted.launcher.map(Object::toString).orElse(""),
                "SYSCTL",
                wanted.sysctl ? Wanted.SYSCTL_VALUE : "",
                "FOLDER",
                wanted.folder));
    builder.environment().put("USERNAME", wanted.user.orElse(""));
    builder.environment().put("TERMINAL", wanted.terminal ? "yes" : "no");
    builder.environment().put("CLEANUP", wanted.cleanedUp.isPresent() ? "yes" : "no");
    try {
      Process process = builder.start();
      process.getOutputStream().close();
      String output = new String(process.getInputStream().readAllBytes(), UTF_8);
      process.waitFor();
      return output;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  private static String line(Wanted.Bind bind) {
    return "%s:%s:%s:%s"
        .formatted(
            bind.source(),
            bind.target(),
            bind.readOnly(),
            bind.base().map(Object::toString).orElse(""));
  }

  private static String script() {
    try (InputStream text = NaiveLauncher.class.getResourceAsStream("naive-launcher.sh")) {
      return new String(text.readAllBytes(), UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
