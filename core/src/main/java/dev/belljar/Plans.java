package dev.belljar;

import dev.belljar.linux.Finding;
import dev.belljar.linux.launch.LaunchProgram;
import dev.belljar.namespaces.NamespaceType;
import dev.belljar.rootfs.launch.RootfsCheck;
import java.util.ArrayList;
import java.util.List;

/** Puts the plan of a start into words. */
final class Plans {
  private Plans() {}

  static Plan of(ContainerSpec spec, Blueprint blueprint) {
    return of(blueprint.program.program(), warnings(spec, blueprint));
  }

  static Plan of(LaunchProgram program, List<String> warnings) {
    return new Plan(steps(program), warnings);
  }

  private static List<Plan.Step> steps(LaunchProgram program) {
    List<Plan.Step> steps = new ArrayList<>();
    for (int i = 0; i < program.steps().size(); i++) {
      steps.add(new Plan.Step(program.line(i), program.steps().get(i).name()));
    }
    return steps;
  }

  private static List<String> warnings(ContainerSpec spec, Blueprint blueprint) {
    Isolation isolation = blueprint.isolation;
    List<String> warnings = new ArrayList<>();
    if (isolation.userAdded()) {
      warnings.add(
          "USER is added to the namespaces, since this JVM may not make others without it");
    }
    if (isolation.keepsUser()) {
      warnings.add("without USER everything runs as the user of this JVM");
    }
    if (!isolation.owns(NamespaceType.MOUNT)) {
      warnings.add(
          "without MOUNT the container sees the host's files as they are: nothing is read-only,"
              + " nothing of /proc and /sys is masked");
      if (isolation.owns(NamespaceType.PID)) {
        warnings.add(
            "PID without MOUNT: ps still shows the host's processes, and a fresh /proc mounted"
                + " inside hides the host's processes from the host");
      }
    }
    boolean firstProcess = isolation.created().contains(NamespaceType.PID);
    if (firstProcess && !spec.command.isEmpty() && !spec.init) {
      warnings.add(
          "the command is process 1, which ignores every signal it has no handler for: stop() may"
              + " have to kill it (init(true) puts an init before it)");
    }
    if (!isolation.owns(NamespaceType.NET)) {
      warnings.add(
          "without NET the container shares the host's network, abstract sockets included");
    }
    Networks.findings(spec).stream().map(Finding::text).forEach(warnings::add);
    Networks.poolWarning(spec, isolation).ifPresent(warnings::add);
    if (spec.privileged) {
      warnings.add("privileged: root inside can take over the host");
      if (isolation.owns(NamespaceType.MOUNT) && isolation.innerIds(spec).isEmpty()) {
        warnings.add(
            "privileged: with CAP_SYS_ADMIN the container can write to read-only mounts, and"
                + " unmount what hides files");
      }
    }
    if (isolation.owns(NamespaceType.MOUNT)) {
      RootfsCheck.findings(spec.files, Blueprint.rootfsSettings(spec, isolation)).stream()
          .map(Finding::text)
          .forEach(warnings::add);
    }
    blueprint.placement.findings().stream().map(Finding::text).forEach(warnings::add);
    return warnings;
  }
}
