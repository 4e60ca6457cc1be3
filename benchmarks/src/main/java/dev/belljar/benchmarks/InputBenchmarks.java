package dev.belljar.benchmarks;

import dev.belljar.Belljar;
import dev.belljar.Container;
import dev.belljar.ContainerSpec;
import dev.belljar.Stdio;
import dev.belljar.rootfs.InputTree;
import dev.belljar.rootfs.KeptTree;
import dev.belljar.rootfs.Mount;
import dev.belljar.rootfs.Rootfs;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Measures a tree of 100,000 links in 5,000 directories: how long it takes to make, beside a C
 * program and {@link Files}, and what it adds to starts once it is kept: {@code benchmarks/inputs},
 * see the README.
 */
public final class InputBenchmarks {
  private static final int DIRECTORIES = 5_000;
  private static final int LINKS = 20;
  private static final int WARM_UP = 5;
  private static final int WARM_UP_OF_STARTS = 300;
  private static final String PROGRAMS = "/programs";
  private static final double NANOS_PER_MILLI = 1e6;
  private static final PrintStream OUT = System.out;

  private final Workbench workbench;

  private InputBenchmarks(Workbench workbench) {
    this.workbench = workbench;
  }

  /**
   * Runs it.
   *
   * @param arguments the folder of the C source; how many rounds, 30 if not given; how many rounds
   *     of starts, 500 if not given
   */
  public static void main(String... arguments) throws Exception {
    int rounds = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 30;
    int starts = arguments.length > 2 ? Integer.parseInt(arguments[2]) : 500;
    try (Workbench workbench = Workbench.make(Path.of(arguments[0]), false)) {
      OUT.println(MachineDescription.get());
      InputBenchmarks benchmarks = new InputBenchmarks(workbench);
      benchmarks.making(rounds);
      benchmarks.starts(starts);
    } finally {
      Belljar.shutdown();
    }
  }

  private void making(int rounds) throws Exception {
    int processors = Runtime.getRuntime().availableProcessors();
    InputTree tree = tree();
    Path folder = workbench.folder("files");
    try (Contest contest = new Contest("100,000 links, " + processors + " processors")) {
      contest.add(new LinksInC(Math.min(processors, 4)));
      contest.add(Peer.of("Files", () -> makeWithFiles(folder)));
      contest.add(new Keeping("Belljar", tree, false));
      contest.add(new Keeping("Belljar, closing it", tree, true));
      contest.run(WARM_UP, rounds, OUT);
    }
  }

  /**
   * Makes a tree and lets go of it, of which one is timed.
   *
   * @param name for the table
   * @param tree what is made
   * @param closing which of the two is timed
   */
  private record Keeping(String name, InputTree tree, boolean closing) implements Peer {
    @Override
    public long run() {
      long begin = System.nanoTime();
      KeptTree kept = tree.keep();
      long made = System.nanoTime();
      kept.close();
      return closing ? System.nanoTime() - made : made - begin;
    }
  }

  /** The C program, which makes the links once and tells the milliseconds. */
  private final class LinksInC implements Peer {
    private final int threads;

    LinksInC(int threads) {
      this.threads = threads;
    }

    @Override
    public String name() {
      return "C";
    }

    @Override
    public long run() throws IOException {
      Process process =
          new ProcessBuilder(workbench.peer().toString(), Integer.toString(threads), "1").start();
      try (BufferedReader output = process.inputReader()) {
        return (long) (Double.parseDouble(output.readLine()) * NANOS_PER_MILLI);
      }
    }
  }

  private void starts(int rounds) throws Exception {
    try (KeptTree kept = tree().keep();
        Contest contest = new Contest("starts with it, kept")) {
      contest.add(start("an empty root", Rootfs.empty().readOnly()));
      contest.add(
          start(
              "one link",
              Rootfs.empty()
                  .with(InputTree.builder().directory(PROGRAMS).link("/l", "/x").build())));
      contest.add(start("kept, read-only", Rootfs.kept(kept)));
      contest.add(start("kept, throw-away upper", Rootfs.kept(kept).scratch()));
      contest.run(WARM_UP_OF_STARTS, rounds, OUT);
    }
  }

  private Peer start(String name, Rootfs rootfs) {
    ContainerSpec spec =
        Container.builder()
            .rootfs(rootfs)
            .mount(Mount.bind(workbench.root().toString(), PROGRAMS).readOnly())
            .stdin(Stdio.discard())
            .stdout(Stdio.discard())
            .stderr(Stdio.discard())
            .command(PROGRAMS + Workbench.TRUE)
            .build();
    return Peer.of(
        name,
        () -> {
          try (Container container = spec.start()) {
            return container.waitFor();
          }
        });
  }

  private static InputTree tree() {
    InputTree.Builder builder = InputTree.builder().directory(PROGRAMS);
    for (int d = 0; d < DIRECTORIES; d++) {
      for (int i = 0; i < LINKS; i++) {
        builder.link("/in/d" + d + "/l" + i, "/usr/share/store/target" + i);
      }
    }
    return builder.build();
  }

  /** In a folder of its own each time, which is on a disk or in memory as the workbench is. */
  private static int makeWithFiles(Path parent) throws IOException {
    Path folder = Files.createTempDirectory(parent, "links");
    for (int d = 0; d < DIRECTORIES; d++) {
      Path directory = Files.createDirectory(folder.resolve("d" + d));
      for (int i = 0; i < LINKS; i++) {
        Files.createSymbolicLink(
            directory.resolve("l" + i), Path.of("/usr/share/store/target" + i));
      }
    }
    return 0;
  }
}
