package dev.belljar.cgroups;

import dev.belljar.cgroups.hierarchy.CgroupLayout;
import dev.belljar.linux.Finding;
import dev.belljar.linux.testing.OtherJvm;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** What another JVM does for a test: it makes groups and puts processes into them. */
final class GroupMaker {
  private static final Map<String, Cgroup> GROUPS = new HashMap<>();

  private GroupMaker() {}

  public static void main(String[] arguments) {
    OtherJvm.serve(GroupMaker::answer);
  }

  private static List<String> answer(List<String> words) {
    return switch (words.getFirst()) {
      case "layout" -> layout();
      case "create" -> create(words.get(1), words.subList(2, words.size()));
      case "spawn" -> spawn(group(words), String.join(" ", words.subList(2, words.size())));
      case "processes" -> group(words).processes().stream().map(String::valueOf).toList();
      case "pids" -> List.of(Long.toString(group(words).pidsCurrent().orElseThrow()));
      case "kill" -> done(group(words)::kill);
      case "close" -> done(group(words)::close);
      case "release" -> done(JvmCgroups::release);
      case "sweep" -> sweep();
      case "churn" -> churn(Integer.parseInt(words.get(1)));
      default -> throw new IllegalArgumentException(words.toString());
    };
  }

  private static Cgroup group(List<String> words) {
    return GROUPS.get(words.get(1));
  }

  private static List<String> done(Runnable action) {
    action.run();
    return List.of();
  }

  private static List<String> layout() {
    return CgroupLayout.current().hierarchies().stream()
        .map(hierarchy -> hierarchy.mountPoint() + " " + hierarchy.own().orElseThrow())
        .toList();
  }

  /** Says the paths of the group, then what was found. */
  private static List<String> create(String name, List<String> wishes) {
    ResourcesBuilder limits = Resources.builder();
    boolean lenient = false;
    List<String> parents = new ArrayList<>();
    for (String wish : wishes) {
      switch (wish) {
        case "cpu" -> limits.cpuShares(512);
        case "memory" -> limits.memory(64 << 20);
        case "pids" -> limits.pids(40);
        case "lenient" -> lenient = true;
        default -> parents.add(wish);
      }
    }
    CgroupRequest request = CgroupRequest.of(limits.build()).killable(true).lenient(lenient);
    for (String parent : parents) {
      request = request.under(parent);
    }
    Cgroup group = CgroupPlacement.find(request).create(name).orElseThrow();
    GROUPS.put(name, group);
    List<String> lines = new ArrayList<>();
    group.hierarchies().forEach(hierarchy -> lines.add(group.path(hierarchy).toString()));
    group.findings().stream().map(Finding::text).forEach(lines::add);
    return lines;
  }

  /** Says the process id. */
  private static List<String> spawn(Cgroup group, String line) {
    try {
      Process process =
          new ProcessBuilder("bash", "-c", "read go; " + line)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
      group.attach(process.pid());
      process.getOutputStream().close();
      return List.of(Long.toString(process.pid()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static List<String> sweep() {
    SweepReport report = JvmCgroups.sweep();
    return Stream.concat(
            report.swept().stream().map(swept -> swept.path() + " " + swept.killed()),
            report.failures().stream().map(Finding::text))
        .toList();
  }

  private static List<String> churn(int times) {
    List<String> findings = new ArrayList<>();
    for (int i = 0; i < times; i++) {
      try (Cgroup group = Cgroup.create("churn", GroupTest.LIMITS)) {
        findings.addAll(group.findings().stream().map(Finding::text).toList());
      }
      JvmCgroups.release();
      SweepReport report = JvmCgroups.sweep();
      report.failures().stream().map(Finding::text).forEach(findings::add);
      // A group may be swept before its maker has locked it; another one is made then.
      report.swept().stream()
          .filter(swept -> swept.killed() > 0)
          .map(SweptGroup::toString)
          .forEach(findings::add);
    }
    return findings;
  }
}
