package dev.belljar.examples.demonstrations;

import static dev.belljar.namespaces.NamespaceType.PID;

import dev.belljar.Container;
import dev.belljar.ContainerBuilder;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Numbers of processes, and which ones are seen with a fresh /proc and without. */
final class PidDemonstration implements Demonstration {
  private static final long JVM = ProcessHandle.current().pid();
  private static final String PS =
      "if command -v ps >/dev/null; then ps ax; else echo PID; cd /proc; ls -d [0-9]*; fi";
  private static final String SEEN =
      "echo $(ls -d /proc/[0-9]* 2>/dev/null | wc -l) processes,"
          + " /proc/self is $(test -e /proc/self && echo there || echo gone)";

  @Override
  public void run(Presentation presentation) throws IOException {
    numbers(presentation);
    list(presentation);
    hide(presentation);
  }

  private static void numbers(Presentation presentation) throws IOException {
    // "$$" is the shell's own number; then it waits for a line, or the end of its input
    ContainerBuilder shell = Container.builder().command("sh", "-c", "echo $$; read line");
    try (Container one = shell.start();
        Container another = shell.start();
        BufferedReader first = one.process().inputReader(StandardCharsets.UTF_8);
        BufferedReader second = another.process().inputReader(StandardCharsets.UTF_8)) {
      String number = first.readLine();
      presentation.show(PID, "number of the first process", number, Long.toString(one.pid()));
      presentation.showTwo(PID, "one number, two processes", number, second.readLine());
      presentation.hold("numbers", one, another);
    }
  }

  private static void list(Presentation presentation) throws IOException {
    ContainerBuilder withoutMount = Container.builder().namespaces(PID);
    try (Container fresh = Container.builder().start();
        Container without = withoutMount.start()) {
      presentation.show(PID, "ps with a fresh /proc", seen(Shell.inside(fresh, PS)), host());
      presentation.show(PID, "ps without one", seen(Shell.inside(without, PS)), host());
      presentation.hold("ps", fresh, without);
    }
    withoutMount.build().plan().warnings().stream()
        .filter(warning -> warning.contains("PID without MOUNT"))
        .forEach(warning -> presentation.say(PID, "the plan warns", warning));
  }

  private static String host() throws IOException {
    return seen(Shell.outside(PS));
  }

  private static String seen(String ps) {
    List<String> numbers =
        ps.lines().skip(1).map(line -> line.strip().split(" ", 2)[0]).toList(); // below the heading
    boolean jvm = numbers.contains(Long.toString(JVM));
    return numbers.size() + " processes, this JVM " + (jvm ? "among them" : "not among them");
  }

  /** The mount namespace of a container plays the host, so that the host itself is spared. */
  private static void hide(Presentation presentation) throws IOException {
    if (!Shell.has("unshare")) {
      presentation.say(PID, "a fresh /proc without MOUNT", "needs unshare");
      return;
    }
    try (Container host = Container.builder().privileged().start()) {
      presentation.say(PID, "seen by a host that is played", Shell.inside(host, SEEN));
      presentation.hold("played", host);
      String fresh =
          "unshare --pid --fork sh -c 'mount -t proc proc /proc && cd /proc && echo [0-9]*'";
      List<String> lines = Shell.inside(host, fresh + "; " + SEEN).lines().toList();
      presentation.show(PID, "a fresh /proc without MOUNT", lines.getFirst(), lines.getLast());
      presentation.hold("hidden", host);
    }
  }
}
