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
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * Measures a tree of 100,000 links in 5,000 directories: how long it takes to make, beside a C
 * program and {@link Files}, and what it adds to starts once it is kept: {@code benchmarks/inputs},
 * see the README.
 */
public final class InputBenchmarks {
  static final int DIRECTORIES = 5_000;
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
      benchmarks.changing(rounds);
      benchmarks.starts(starts);
    } finally {
      Belljar.shutdown();
    }
  }

  private void making(int rounds) throws Exception {
    InputTree tree = tree(DIRECTORIES);
    Jvms jvms = new Jvms(workbench);
    String cache = jvms.cache(FirstTree.class);
    try (Contest contest = new Contest("100,000 links")) {
      contest.add(new InProgram("C, 1 thread", program(1)));
      contest.add(new InProgram("C, 2 threads", program(2)));
      contest.add(new Keeping("Belljar, 1 thread", tree, 1, false));
      contest.add(new Keeping("Belljar, 2 threads", tree, 2, false));
      contest.add(
          new InProgram("Belljar, in a cold JVM", jvms.command(FirstTree.class, List.of())));
      contest.add(
          new InProgram(
              "Belljar, in a cold JVM, AOT cache", jvms.command(FirstTree.class, List.of(cache))));
      contest.add(new LinksOfFiles(memory()));
      contest.add(new Keeping("closing it", tree, 2, true));
      contest.run(WARM_UP, rounds, OUT);
    }
  }

  private List<String> program(int threads) {
    return List.of(workbench.peer().toString(), Integer.toString(threads), "1");
  }

  /** A folder in memory, where there is one; what the others make is in memory, too. */
  private Path memory() throws IOException {
    Path shared = Path.of("/dev/shm");
    return Files.isWritable(shared) ? shared : workbench.folder("files");
  }

  /** One directory less in a tree that is kept, and one more again. */
  private void changing(int rounds) throws Exception {
    InputTree tree = tree(DIRECTORIES);
    InputTree other = tree(DIRECTORIES - 1);
    try (KeptTree kept = tree.keep();
        Contest contest = new Contest("a kept tree of 100,000 links, changed")) {
      contest.add(new Keeping("made anew", tree, 2, false));
      contest.add(
          Peer.of(
              "20 links less",
              () -> {
                kept.change(other);
                return 0;
              }));
      contest.add(
          Peer.of(
              "20 links more",
              () -> {
                kept.change(tree);
                return 0;
              }));
      contest.run(WARM_UP, rounds, OUT);
    }
  }

  /**
   * Makes a tree and lets go of it, of which one is timed.
   *
   * @param name for the table
   * @param tree what is made
   * @param threads how many make it
   * @param closing which of the two is timed
   */
  private record Keeping(String name, InputTree tree, int threads, boolean closing)
      implements Peer {
    @Override
    public long run() {
      long begin = System.nanoTime();
      KeptTree kept = tree.keep(threads);
      long made = System.nanoTime();
      kept.close();
      return closing ? System.nanoTime() - made : made - begin;
    }
  }

  /**
   * A program that makes the links once and tells the milliseconds.
   *
   * @param name for the table
   * @param command the program
   */
  private record InProgram(String name, List<String> command) implements Peer {
    @Override
    public long run() throws IOException {
      Process process = new ProcessBuilder(command).start();
      try (BufferedReader output = process.inputReader()) {
        return (long) (Double.parseDouble(output.readLine()) * NANOS_PER_MILLI);
      }
    }
  }

  /**
   * A loop over {@link Files#createSymbolicLink}.
   *
   * @param parent where each round makes a folder and removes it again
   */
  private record LinksOfFiles(Path parent) implements Peer {
    @Override
    public String name() {
      return "Files";
    }

    @Override
    public long run() throws IOException {
      Path folder = Files.createTempDirectory(parent, "belljar-links");
      try {
        long begin = System.nanoTime();
        make(folder);
        return System.nanoTime() - begin;
      } finally {
        try (Stream<Path> all = Files.walk(folder)) {
          for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
            Files.delete(path);
          }
        }
      }
    }

    private static void make(Path folder) throws IOException {
      for (int d = 0; d < DIRECTORIES; d++) {
        Path directory = Files.createDirectory(folder.resolve("d" + d));
        for (int i = 0; i < LINKS; i++) {
          Files.createSymbolicLink(
              directory.resolve("l" + i), Path.of("/usr/share/store/target" + i));
        }
      }
    }
  }

  private void starts(int rounds) throws Exception {
    try (KeptTree kept = tree(DIRECTORIES).keep();
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

  /** The tree, or one of some directories less. */
  static InputTree tree(int directories) {
    InputTree.Builder builder = InputTree.builder().directory(PROGRAMS);
    for (int d = 0; d < directories; d++) {
      for (int i = 0; i < LINKS; i++) {
        builder.link("/in/d" + d + "/l" + i, "/usr/share/store/target" + i);
      }
    }
    return builder.build();
  }
}
