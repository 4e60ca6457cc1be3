package dev.belljar.examples.demonstrations;

import static dev.belljar.namespaces.NamespaceType.USER;

import dev.belljar.Container;
import dev.belljar.ContainerBuilder;
import dev.belljar.linux.IdMap;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Ids before and after they are mapped, and what root inside may not do to the host. */
final class UserDemonstration implements Demonstration {
  private static final String ORDINARY = "1000";

  @Override
  public void run(Presentation presentation) throws IOException, InterruptedException {
    map(presentation);
    refuse(presentation);
  }

  private static void map(Presentation presentation) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    if (presentation.isRoot()) {
      command.addAll(List.of("setpriv", "--reuid", ORDINARY, "--regid", ORDINARY));
      command.add("--clear-groups");
    } else {
      presentation.say(USER, "a map of 65536 ids", "needs root: here it is the own id alone");
    }
    command.addAll(List.of("unshare", "--user", "sh"));
    for (String program : List.of(command.getFirst(), "unshare")) {
      if (!Shell.has(program)) {
        presentation.say(USER, "ids before they are mapped", "needs " + program);
        return;
      }
    }
    Process shell = new ProcessBuilder(command).start();
    try (BufferedReader output = shell.inputReader(StandardCharsets.UTF_8);
        BufferedWriter input = shell.outputWriter(StandardCharsets.UTF_8)) {
      Unmapped process = new Unmapped(shell.pid(), input, output);
      process.show("before any map", presentation);
      process.map("uid", presentation.isRoot());
      process.show("after uid_map", presentation);
      if (!presentation.isRoot()) {
        process.write("setgroups", "deny"); // else gid_map takes root
      }
      process.map("gid", presentation.isRoot());
      process.show("after gid_map", presentation);
    } finally {
      shell.destroyForcibly().waitFor();
    }
  }

  /** An id of a process as the host has it. */
  private static String outside(String field, long pid) throws IOException {
    return Shell.outside(
        "sed -n 's/^" + field + ":.\\([0-9]*\\).*/\\1/p' /proc/" + pid + "/status");
  }

  /** A shell in a new USER namespace. */
  private record Unmapped(long pid, BufferedWriter input, BufferedReader output) {
    void show(String when, Presentation presentation) throws IOException {
      input.write("echo uid $(id -u), gid $(id -g)\n");
      input.flush();
      String inside = output.readLine();
      String outside = "uid " + outside("Uid", pid) + ", gid " + outside("Gid", pid);
      presentation.show(USER, "ids " + when, inside, outside);
      presentation.hold(when, pid);
    }

    void map(String kind, boolean many) throws IOException {
      String own = Shell.outside("id -" + kind.charAt(0));
      write(kind + "_map", many ? "0 " + ORDINARY + " 65536" : "0 " + own + " 1");
    }

    void write(String file, String text) throws IOException {
      Files.writeString(Path.of("/proc/" + pid + "/" + file), text);
    }
  }

  /** In a USER namespace alone all else is the host's. */
  private static void refuse(Presentation presentation) throws IOException {
    ContainerBuilder builder = Container.builder().namespaces(USER).privileged();
    if (presentation.isRoot()) {
      builder.idMap(IdMap.of(0, 100_000, 65_536)); // by default root's ids are the same inside
    }
    String disk = Shell.outside("awk 'NR > 2 { print $4; exit }' /proc/partitions");
    String mount = "mount -t ext4 /dev/" + (disk.isEmpty() ? "sda" : disk) + " /mnt";
    try (Container container = builder.start()) {
      presentation.show(
          USER,
          "root of a container",
          Shell.inside(container, "id -u"),
          outside("Uid", container.pid()));
      refused(container, "date -s @0", "date +%Y", presentation);
      refused(container, "hostname taken", "cat /proc/sys/kernel/hostname", presentation);
      refused(container, mount, "grep -c ' /mnt ' /proc/self/mountinfo", presentation);
      refused(container, "kill -9 1", "test -e /proc/1 && echo 1 is there", presentation);
      refused(
          container, "nsenter --target 1 --uts true", "readlink /proc/self/ns/uts", presentation);
      presentation.hold("refused", container);
    }
  }

  private static void refused(
      Container container, String command, String look, Presentation presentation)
      throws IOException {
    presentation.show(USER, command, Shell.complaint(container, command), Shell.outside(look));
  }
}
