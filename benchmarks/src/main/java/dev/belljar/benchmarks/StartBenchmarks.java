package dev.belljar.benchmarks;

import dev.belljar.Belljar;
import dev.belljar.Container;
import dev.belljar.ContainerSpec;
import dev.belljar.namespaces.NamespaceType;
import java.io.File;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;

/** Measures starts of containers and prints the tables; see the README beside the sources. */
public final class StartBenchmarks {
  private static final long THROUGHPUT_NANOS = TimeUnit.SECONDS.toNanos(2);
  private static final int COLD_ROUNDS = 20;
  private static final int MANY_MOUNTS = 1000;
  private static final List<Scenario> PREPARED =
      List.of(Scenario.LIMITED, Scenario.UNLIMITED, Scenario.COMPLETE, Scenario.COMPLETE_UNLIMITED);
  private static final long NEEDED_FOR_HEAPS = 14L << 30;

  private final Options options;
  private final Workbench workbench;
  private final Runtimes runtimes;
  private final boolean withCrun;
  private final PrintStream out = System.out;

  private StartBenchmarks(Options options, Workbench workbench, boolean withCrun) {
    this.options = options;
    this.workbench = workbench;
    this.runtimes = new Runtimes(workbench);
    this.withCrun = withCrun;
  }

  /**
   * Runs the benchmarks.
   *
   * @param arguments see {@link Options#USAGE}; before them, the folder of the C sources
   */
  public static void main(String[] arguments) throws Exception {
    Options options;
    try {
      options =
          Options.parse(List.of(arguments).subList(1, arguments.length).toArray(String[]::new));
    } catch (IllegalArgumentException e) {
      System.err.println(e.getMessage());
      System.exit(64);
      return;
    }
    System.out.println(MachineDescription.get());
    boolean refused = HugetlbOnV1.isNeeded();
    try (Workbench workbench = Workbench.make(Path.of(arguments[0]), options.libc())) {
      if (refused && options.hugetlb() && !options.ours()) {
        try (HugetlbOnV1 _ = HugetlbOnV1.mount(workbench.folder("hugetlb"))) {
          new StartBenchmarks(options, workbench, true).run();
        }
      } else {
        if (refused && !options.ours()) {
          System.out.println("crun refuses this hybrid host; --hugetlb-v1 lets it take part");
        }
        new StartBenchmarks(options, workbench, !refused).run();
      }
    }
    System.out.println();
    System.out.println(MachineDescription.get());
  }

  private void run() throws Exception {
    for (Scenario scenario : Scenario.values()) {
      if (options.has(scenario.key())) {
        starts(scenario);
      }
    }
    if (options.has("p")) {
      for (Scenario scenario : PREPARED) {
        startsAgain(scenario);
      }
    }
    if (options.has("c")) {
      execs();
    }
    if (options.has("calls")) {
      calls();
    }
    if (options.has("threads")) {
      throughput();
    }
    Belljar.shutdown();
    if (options.has("heap")) {
      if (MachineDescription.availableMemory() < NEEDED_FOR_HEAPS) {
        out.println("\nthe heaps are not compared: that takes 14 GiB of free memory");
      } else {
        heap();
      }
    }
    if (options.has("mounts")) {
      mounts();
    }
    if (options.has("cold")) {
      cold();
    }
    if (options.has("groups")) {
      new Grouping(workbench).run(options, out);
    }
    if (options.has("sampler")) {
      new Sampling(workbench).run(options, out);
    }
  }

  private Peer processBuilder() {
    ProcessBuilder builder =
        new ProcessBuilder(workbench.inRoot(Workbench.TRUE))
            .redirectInput(new File("/dev/null"))
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .redirectError(ProcessBuilder.Redirect.DISCARD);
    return Peer.of("ProcessBuilder, no isolation", () -> builder.start().waitFor());
  }

  private Callable<Integer> start(Scenario scenario, boolean prepared) {
    ContainerSpec spec =
        scenario.builder(workbench.root()).command(Workbench.TRUE).prepare(prepared).build();
    return () -> JavaPeer.start(spec);
  }

  private NativePeer cStart(Scenario scenario) throws IOException {
    return cStart("C", scenario, false);
  }

  private NativePeer cStart(String name, Scenario scenario, boolean prepared) throws IOException {
    List<String> arguments = new ArrayList<>();
    arguments.addAll(List.of("start", workbench.root().toString(), Workbench.TRUE));
    if (scenario.hasNetwork()) {
      arguments.add("--net");
    }
    if (!scenario.isComplete()) {
      arguments.add("--proc-only");
    }
    if (prepared) {
      arguments.add("--prepared");
    }
    try (Container model = scenario.builder(workbench.root()).command(Workbench.PAUSE).start()) {
      model
          .cgroup()
          .map(group -> GroupArguments.toMake(group, scenario))
          .ifPresent(arguments::addAll);
    }
    return NativePeer.start(name, workbench.peer(), arguments);
  }

  private void startsAgain(Scenario scenario) throws Exception {
    String title = "(p) started again, prepared: " + scenario.title();
    try (Contest contest = new Contest(title)) {
      contest.add(cStart("C", scenario, true));
      contest.add(Peer.of("Belljar", start(scenario, true)));
      contest.add(cStart("C, nothing prepared", scenario, false));
      contest.add(Peer.of("Belljar, nothing prepared", start(scenario, false)));
      contest.add(processBuilder());
      contest.run(options.warmUp(), options.rounds(), out);
    }
  }

  private void starts(Scenario scenario) throws Exception {
    try (Contest contest = new Contest(scenario.title())) {
      contest.add(cStart(scenario));
      contest.add(Peer.of("Belljar", start(scenario, false)));
      contest.add(processBuilder());
      if (!options.ours()) {
        runtimes.addStarts(contest, scenario, withCrun);
      }
      contest.run(options.warmUp(), options.rounds(), out);
    }
  }

  private void execs() throws Exception {
    List<Runtimes.Waiting> waiting = options.ours() ? List.of() : runtimes.startWaiting(withCrun);
    try (Container container = Scenario.LIMITED.builder(workbench.root()).start();
        Contest contest = new Contest("(c) exec into a running container of (a)")) {
      contest.add(cExec(container));
      contest.add(Peer.of("Belljar", () -> JavaPeer.execIn(container)));
      contest.add(processBuilder());
      for (Runtimes.Waiting other : waiting) {
        contest.add(other.exec());
      }
      contest.run(options.warmUp(), options.rounds(), out);
    } finally {
      waiting.forEach(Runtimes.Waiting::close);
    }
  }

  private NativePeer cExec(Container container) throws IOException {
    long kinds = 0;
    for (NamespaceType type :
        List.of(NamespaceType.PID, NamespaceType.MOUNT, NamespaceType.UTS, NamespaceType.IPC)) {
      kinds |= type.flag();
    }
    List<String> arguments = new ArrayList<>();
    arguments.addAll(
        List.of("enter", Long.toString(container.pid()), Long.toString(kinds), Workbench.TRUE));
    container.cgroup().map(GroupArguments::toEnter).ifPresent(arguments::addAll);
    return NativePeer.start("C", workbench.peer(), arguments);
  }

  private void calls() throws Exception {
    if (!Runtimes.isInstalled("strace")) {
      out.println("\nthe calls are not counted: strace is not installed");
      return;
    }
    Jvms jvms = new Jvms(workbench);
    for (Scenario scenario : List.of(Scenario.LIMITED, Scenario.NETWORKED)) {
      calls(
          "start, (" + scenario.key() + ")",
          cStart(scenario),
          jvms.warm("Belljar", List.of(), scenario.key()));
    }
    try (Container container = Scenario.LIMITED.builder(workbench.root()).start()) {
      calls("exec, (c)", cExec(container), jvms.warm("Belljar", List.of(), JavaPeer.EXEC));
    }
  }

  private void calls(String work, NativePeer... peers) throws Exception {
    CallCounts counts = new CallCounts(work, workbench.folder("strace"));
    for (NativePeer peer : peers) {
      try (peer) {
        counts.count(peer);
      }
    }
    counts.print(out);
  }

  private void throughput() throws Exception {
    Throughput throughput = new Throughput();
    Callable<Integer> start = start(Scenario.LIMITED, false);
    throughput.add("C, a process each", () -> cStart(Scenario.LIMITED));
    throughput.add("Belljar", () -> Peer.of("Belljar", start));
    throughput.add("ProcessBuilder", this::processBuilder);
    throughput.run(THROUGHPUT_NANOS, out);
  }

  private void heap() throws Exception {
    Jvms jvms = new Jvms(workbench);
    try (Contest contest = new Contest("(a) by the JVM's heap, all of it touched")) {
      contest.add(cStart(Scenario.LIMITED));
      contest.add(jvms.warm("64 MiB", List.of("-Xms64m", "-Xmx64m", "-XX:+AlwaysPreTouch")));
      contest.add(jvms.warm("12 GiB", List.of("-Xms12g", "-Xmx12g", "-XX:+AlwaysPreTouch")));
      contest.run(options.warmUp() / 10, options.rounds(), out);
    }
  }

  private void mounts() throws Exception {
    Jvms jvms = new Jvms(workbench);
    try (Contest contest = new Contest("(a), prepared, by the mounts that the host has more")) {
      contest.add(jvms.warmBesideMounts("0", 0));
      contest.add(jvms.warmBesideMounts("1,000", MANY_MOUNTS));
      contest.run(options.warmUp() / 10, options.rounds(), out);
    }
  }

  private void cold() throws Exception {
    Jvms jvms = new Jvms(workbench);
    String helloCache = jvms.cache(Hello.class);
    String containerCache = jvms.cache(FirstContainer.class);
    try (Contest contest = new Contest("cold start: JVM launch to first container of (a) exited")) {
      contest.add(jvms.launch("hello", Hello.class, List.of()));
      contest.add(jvms.launch("hello, AOT cache", Hello.class, List.of(helloCache)));
      contest.add(jvms.launch("container", FirstContainer.class, List.of()));
      contest.add(
          jvms.launch("container, AOT cache", FirstContainer.class, List.of(containerCache)));
      contest.run(2, COLD_ROUNDS, out);
    }
  }
}
