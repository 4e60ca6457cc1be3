package dev.belljar.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The other programs that start containers, as far as they are installed. */
final class Runtimes {
  private final Workbench workbench;

  Runtimes(Workbench workbench) {
    this.workbench = workbench;
  }

  static boolean isInstalled(String program) {
    return Optional.ofNullable(System.getenv("PATH")).stream()
        .flatMap(path -> List.of(path.split(":")).stream())
        .anyMatch(folder -> Files.isExecutable(Path.of(folder, program)));
  }

  /** Returns a peer that starts a program from C, if it is installed. */
  private Optional<Peer> spawn(String name, List<String> command) throws IOException {
    if (!isInstalled(command.getFirst())) {
      return Optional.empty();
    }
    List<String> arguments = new ArrayList<>(List.of("spawn"));
    arguments.addAll(command);
    return Optional.of(NativePeer.start(name, workbench.peer(), arguments));
  }

  /** Adds all that can start the container of a scenario. */
  void addStarts(Contest contest, Scenario scenario, boolean withCrun) throws IOException {
    unshare(scenario).ifPresent(contest::add);
    bubblewrap(scenario).ifPresent(contest::add);
    for (String program : withCrun ? List.of("crun", "runc") : List.of("runc")) {
      oci(program, scenario).ifPresent(contest::add);
    }
  }

  private Optional<Peer> unshare(Scenario scenario) throws IOException {
    List<String> command = new ArrayList<>(List.of("unshare", "--fork", "--pid", "--mount"));
    command.addAll(List.of("--uts", "--ipc"));
    if (scenario.hasNetwork()) {
      command.add("--net");
    }
    command.addAll(List.of("--root=" + workbench.root(), "--mount-proc", Workbench.TRUE));
    return spawn(scenario.isLimited() ? "unshare, no cgroup" : "unshare", command);
  }

  private Optional<Peer> bubblewrap(Scenario scenario) throws IOException {
    List<String> command = new ArrayList<>(List.of("bwrap", "--unshare-pid", "--unshare-uts"));
    command.add("--unshare-ipc");
    if (scenario.hasNetwork()) {
      command.add("--unshare-net");
    }
    command.addAll(List.of("--bind", workbench.root().toString(), "/"));
    command.addAll(List.of("--proc", "/proc"));
    if (scenario.isComplete()) {
      command.addAll(List.of("--dev", "/dev"));
    }
    command.add(Workbench.TRUE);
    return spawn(scenario.isLimited() ? "bwrap, no cgroup" : "bwrap", command);
  }

  private Optional<Peer> oci(String program, Scenario scenario) throws IOException {
    if (!scenario.isLimited()) {
      return Optional.empty(); // runc makes groups in any case
    }
    Path bundle = workbench.folder(program + "-" + scenario.key());
    OciBundle.write(bundle, workbench.root(), scenario, Workbench.TRUE);
    String state = workbench.folder("state").toString();
    return spawn(
        program,
        List.of(program, "--root", state, "run", "--bundle", bundle.toString(), program + "-true"));
  }

  /** A container of crun or runc that waits for commands. */
  final class Waiting implements AutoCloseable {
    private final String program;
    private final String id;
    private final String state;

    private Waiting(String program) throws IOException, InterruptedException {
      this.program = program;
      this.id = program + "-pause";
      this.state = workbench.folder("state").toString();
      Path bundle = workbench.folder(id);
      OciBundle.write(bundle, workbench.root(), Scenario.LIMITED, Workbench.PAUSE);
      call("run", "--detach", "--bundle", bundle.toString(), id);
    }

    private void call(String... arguments) throws IOException, InterruptedException {
      List<String> command = new ArrayList<>(List.of(program, "--root", state));
      command.addAll(List.of(arguments));
      // The container inherits the streams, so they must not be ones that somebody reads to the
      // end.
      Process process =
          new ProcessBuilder(command)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
      if (process.waitFor() != 0) {
        throw new IllegalStateException(String.join(" ", command) + " failed");
      }
    }

    Peer exec() throws IOException {
      return spawn(program + " exec", List.of(program, "--root", state, "exec", id, Workbench.TRUE))
          .orElseThrow();
    }

    @Override
    public void close() {
      try {
        call("delete", "--force", id);
      } catch (IOException e) {
        throw new IllegalStateException(e);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** Starts containers to execute commands in. */
  List<Waiting> startWaiting(boolean withCrun) throws IOException, InterruptedException {
    List<Waiting> waiting = new ArrayList<>();
    for (String program : withCrun ? List.of("crun", "runc") : List.of("runc")) {
      if (isInstalled(program)) {
        waiting.add(new Waiting(program));
      }
    }
    return waiting;
  }
}
