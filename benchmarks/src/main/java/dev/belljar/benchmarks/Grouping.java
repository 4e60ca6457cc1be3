package dev.belljar.benchmarks;

import dev.belljar.cgroups.hierarchy.CgroupDirectory;
import dev.belljar.cgroups.hierarchy.CgroupLayout;
import dev.belljar.cgroups.hierarchy.CgroupVersion;
import dev.belljar.cgroups.hierarchy.GroupMembers;
import dev.belljar.cgroups.hierarchy.Hierarchy;
import dev.belljar.cgroups.hierarchy.Subsystem;
import dev.belljar.cgroups.stats.CgroupSampler;
import dev.belljar.cgroups.stats.CgroupSnapshot;
import java.io.IOException;
import java.io.PrintStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * Steps with a group by C and by {@link CgroupDirectory} in turn, while its parent has 20 groups
 * and while it has 2,000, few and many in turn too; and what 2,000 groups take to make, list,
 * sample and remove.
 */
final class Grouping {
  private static final int FEW = 20;
  private static final int MANY = 2_000;
  private static final int BLOCKS = 10;
  private static final double MEDIAN = 0.5;
  private static final double NANOS_PER_MICRO = 1_000;

  private final Workbench workbench;
  private final Map<String, Samples> samples = new LinkedHashMap<>();

  Grouping(Workbench workbench) {
    this.workbench = workbench;
  }

  void run(Options options, PrintStream out) throws Exception {
    Hierarchy hierarchy = CgroupLayout.current().with(Subsystem.CPU).orElseThrow();
    try (CgroupDirectory home = CgroupDirectory.open(hierarchy, hierarchy.own().orElseThrow());
        CgroupDirectory parent = home.create("belljar-benchmark-groups")) {
      Process sleeper = new ProcessBuilder(workbench.inRoot(Workbench.PAUSE)).start();
      try (GroupSteps steps = new GroupSteps(workbench, home, parent, sleeper.pid())) {
        steps(steps, parent, options);
      } finally {
        sleeper.destroyForcibly().waitFor();
        parent.removeIncludingForeign(Duration.ofSeconds(10));
      }
    }
    print(hierarchy, out);
  }

  private void steps(GroupSteps steps, CgroupDirectory parent, Options options) throws Exception {
    makeGroups(parent, 0, FEW);
    for (int i = 0; i < options.warmUp(); i++) {
      round(steps, new LinkedHashMap<>(), "");
    }
    for (int block = 0; block < BLOCKS; block++) {
      for (int i = 0; i < options.rounds() / BLOCKS; i++) {
        round(steps, samples, " at " + FEW);
      }
      measure("2,000 groups made", () -> makeGroups(parent, FEW, MANY));
      for (int i = 0; i < options.rounds() / BLOCKS; i++) {
        round(steps, samples, " at " + MANY);
      }
      measure("2,000 groups listed", parent::children);
      sample(parent);
      measure("2,000 groups removed", () -> removeGroups(parent, FEW, MANY));
    }
  }

  private static void round(GroupSteps steps, Map<String, Samples> into, String where)
      throws Exception {
    for (GroupSteps.Step step : GroupSteps.Step.values()) {
      for (Peer peer : steps.peers(step)) {
        String row = step.name().toLowerCase(Locale.ROOT) + where + ", " + peer.name();
        into.computeIfAbsent(row, _ -> new Samples()).add(peer.run());
      }
    }
  }

  private static void makeGroups(CgroupDirectory parent, int from, int to) {
    for (int i = from; i < to; i++) {
      parent.create("group-" + i).close();
    }
  }

  private static void removeGroups(CgroupDirectory parent, int from, int to) {
    for (int i = from; i < to; i++) {
      try (CgroupDirectory group = parent.child("group-" + i)) {
        group.remove();
      }
    }
  }

  private void sample(CgroupDirectory parent) {
    List<CgroupSampler> samplers = new ArrayList<>();
    CgroupSnapshot snapshot = new CgroupSnapshot();
    try {
      for (int i = 0; i < MANY; i++) {
        try (CgroupDirectory group = parent.child("group-" + i)) {
          samplers.add(CgroupSampler.open(List.of(group)));
        }
      }
      measure("2,000 groups sampled", () -> samplers.forEach(each -> each.sample(snapshot)));
    } finally {
      samplers.forEach(CgroupSampler::close);
    }
  }

  private void measure(String row, Runnable work) {
    long begin = System.nanoTime();
    work.run();
    samples.computeIfAbsent(row, _ -> new Samples()).add(System.nanoTime() - begin);
  }

  private void print(Hierarchy hierarchy, PrintStream out) {
    out.println("\n### steps with groups, " + hierarchy + "\n");
    out.println("| | p50 us | min us | p50 / C | p50 / at " + FEW + " |");
    out.println("| :--- | ---: | ---: | ---: | ---: |");
    samples.forEach((row, times) -> {
      long p50 = times.percentile(MEDIAN);
      out.printf(
          Locale.ROOT,
          "| %s | %.1f | %.1f | %s | %s |%n",
          row,
          p50 / NANOS_PER_MICRO,
          times.percentile(0) / NANOS_PER_MICRO,
          ratio(p50, row.replace("Belljar", "C")),
          ratio(p50, row.replace(" at " + MANY, " at " + FEW)));
    });
  }

  private String ratio(long p50, String row) {
    return row.contains(" at ")
        ? String.format(Locale.ROOT, "%.2f", (double) p50 / samples.get(row).percentile(MEDIAN))
        : "";
  }

  /** Each step by C and by this library. */
  private static final class GroupSteps implements AutoCloseable {
    /** What is done with a group. */
    enum Step {
      MAKE,
      ATTACH,
      MOVE,
      REMOVE
    }

    private final Map<Step, List<Peer>> peers = new LinkedHashMap<>();
    private final CgroupDirectory home;
    private final CgroupDirectory parent;
    private final CgroupDirectory one;
    private final CgroupDirectory other;

    GroupSteps(Workbench workbench, CgroupDirectory home, CgroupDirectory parent, long sleeper)
        throws IOException {
      this.home = home;
      this.parent = parent;
      this.one = parent.create("one");
      this.other = parent.create("other");
      String own = parent.version() == CgroupVersion.V1 ? "tasks" : "cgroup.procs";
      peers.put(Step.MAKE, List.of(c(workbench, "make", parent.path().toString(), "c"), made()));
      peers.put(
          Step.ATTACH,
          List.of(
              c(workbench, "attach", one.path().toString(), home.path().toString(), own),
              attached()));
      peers.put(
          Step.MOVE,
          List.of(
              c(workbench, "move", one.path().toString(), other.path().toString(), "cgroup.procs"),
              moved(sleeper)));
      peers.put(
          Step.REMOVE, List.of(c(workbench, "remove", parent.path().toString(), "c"), removed()));
    }

    List<Peer> peers(Step step) {
      return peers.get(step);
    }

    private static Peer c(Workbench workbench, String... arguments) throws IOException {
      List<String> all = new ArrayList<>(List.of("group"));
      all.addAll(List.of(arguments));
      return NativePeer.start("C", workbench.peer(), all);
    }

    private Peer made() {
      return timed(() -> {
        long begin = System.nanoTime();
        CgroupDirectory group = parent.create("java");
        long took = System.nanoTime() - begin;
        group.remove();
        group.close();
        return took;
      });
    }

    private Peer removed() {
      return timed(() -> {
        try (CgroupDirectory group = parent.create("java")) {
          long begin = System.nanoTime();
          group.remove();
          return System.nanoTime() - begin;
        }
      });
    }

    private Peer attached() {
      GroupMembers there = new GroupMembers(one);
      GroupMembers back = new GroupMembers(home);
      boolean v1 = one.version() == CgroupVersion.V1;
      return timed(() -> {
        long begin = System.nanoTime();
        attach(there, v1);
        long took = System.nanoTime() - begin;
        attach(back, v1);
        return took;
      });
    }

    private static void attach(GroupMembers group, boolean thread) {
      if (thread) {
        group.attachCurrentThread();
      } else {
        group.attachSelf();
      }
    }

    private Peer moved(long pid) {
      List<GroupMembers> places = List.of(new GroupMembers(one), new GroupMembers(other));
      int[] turn = {0};
      return timed(() -> {
        turn[0] = 1 - turn[0];
        long begin = System.nanoTime();
        places.get(turn[0]).attach(pid);
        return System.nanoTime() - begin;
      });
    }

    private static Peer timed(LongSupplier work) {
      return new Peer() {
        @Override
        public String name() {
          return "Belljar";
        }

        @Override
        public long run() {
          return work.getAsLong();
        }
      };
    }

    @Override
    public void close() {
      peers.values().forEach(list -> list.forEach(Peer::close));
      one.close();
      other.close();
    }
  }
}
