package dev.belljar.examples.demonstrations;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The classic demonstrations of what namespaces isolate: each thing as it is inside and outside at
 * one moment, inside read by a program that is there.
 *
 * <p>It runs as root and as an ordinary user, and says in a line what takes root. Told to {@code
 * --hold}, it waits for a line of its standard input at each moment, with everything in place, so
 * that a reader can look for themselves; the processes to look at are named.
 */
public final class Demonstrations {
  private Demonstrations() {}

  private static Map<String, Demonstration> all() {
    Map<String, Demonstration> all = new LinkedHashMap<>();
    all.put("kinds", new KindsDemonstration());
    all.put("uts", new UtsDemonstration());
    all.put("ipc", new IpcDemonstration());
    all.put("pid", new PidDemonstration());
    all.put("processes", new ProcessesDemonstration());
    all.put("mount", new MountDemonstration());
    all.put("net", new NetDemonstration());
    all.put("user", new UserDemonstration());
    all.put("time", new TimeDemonstration());
    return all;
  }

  /**
   * Runs the example.
   *
   * @param arguments names of demonstrations, all of them if none is given: kinds, uts, ipc, pid,
   *     processes, mount, net, user, time; and {@code --hold}
   * @throws Exception what stands in the way on this machine
   */
  public static void main(String[] arguments) throws Exception {
    List<String> names = new ArrayList<>(List.of(arguments));
    Presentation presentation = new Presentation(System.out, System.in, names.remove("--hold"));
    Map<String, Demonstration> all = all();
    if (!all.keySet().containsAll(names)) {
      System.err.println("Demonstrations [--hold] [" + String.join("|", all.keySet()) + "]...");
      System.exit(2);
    }
    for (String name : names.isEmpty() ? all.keySet() : names) {
      all.get(name).run(presentation);
    }
  }
}
