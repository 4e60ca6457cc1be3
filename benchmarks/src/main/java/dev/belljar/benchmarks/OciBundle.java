package dev.belljar.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/**
 * A container for crun and runc, as much like ours as they can have it.
 *
 * @see <a href="https://github.com/opencontainers/runtime-spec/blob/main/config.md">config.md</a>
 */
final class OciBundle {
  private OciBundle() {}

  private static final String GROUP = "belljar-benchmarks-oci";

  /**
   * Writes the bundle.
   *
   * @param folder where to
   * @param root the root directory
   * @param command what to run
   */
  static void write(Path folder, Path root, Scenario scenario, String command) throws IOException {
    String limits =
        String.format(
            Locale.ROOT,
            """
            {"cpu": {"shares": %d}, "memory": {"limit": %d}, "pids": {"limit": %d}}\
            """,
            Scenario.CPU_SHARES,
            Scenario.MEMORY,
            Scenario.PIDS);
    Files.writeString(
        folder.resolve("config.json"),
        CONFIG
            .replace("COMMAND", command)
            .replace("ROOT", root.toString())
            .replace("GROUP", ownGroup() + "/" + GROUP)
            .replace("OTHER_MOUNTS", scenario.isComplete() ? OTHER_MOUNTS : "")
            .replace("LIMITS", scenario.isLimited() ? limits : "{}")
            .replace("NETWORK", scenario.hasNetwork() ? ", {\"type\": \"network\"}" : ""));
  }

  // In a group with little weight it would wait longer for a processor than ours do.
  private static String ownGroup() throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/self/cgroup"))) {
      List<String> fields = List.of(line.split(":", 3));
      if (List.of(fields.get(1).split(",", -1)).contains("cpu") && fields.get(2).length() > 1) {
        return fields.get(2);
      }
    }
    return "";
  }

  private static final String CONFIG =
      """
      {
        "ociVersion": "1.0.2",
        "process": {
          "user": {"uid": 0, "gid": 0},
          "args": ["COMMAND"],
          "env": ["PATH=/bin"],
          "cwd": "/",
          "noNewPrivileges": true,
          "capabilities": {
            "bounding": ["CAP_CHOWN", "CAP_KILL", "CAP_SETUID", "CAP_SETGID"],
            "effective": ["CAP_CHOWN", "CAP_KILL", "CAP_SETUID", "CAP_SETGID"],
            "permitted": ["CAP_CHOWN", "CAP_KILL", "CAP_SETUID", "CAP_SETGID"]
          }
        },
        "root": {"path": "ROOT"},
        "hostname": "belljar",
        "mounts": [
          {"destination": "/proc", "type": "proc", "source": "proc"}OTHER_MOUNTS
        ],
        "linux": {
          "cgroupsPath": "GROUP",
          "resources": LIMITS,
          "namespaces": [
            {"type": "pid"}, {"type": "mount"}, {"type": "uts"}, {"type": "ipc"}NETWORK
          ],
          "maskedPaths": [
            "/proc/acpi", "/proc/asound", "/proc/kcore", "/proc/keys", "/proc/latency_stats",
            "/proc/timer_list", "/proc/timer_stats", "/proc/sched_debug", "/proc/scsi",
            "/sys/firmware"
          ],
          "readonlyPaths": [
            "/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"
          ]
        }
      }
      """;

  private static final String OTHER_MOUNTS =
      """
      ,
      {"destination": "/dev", "type": "tmpfs", "source": "tmpfs",
        "options": ["nosuid", "mode=755", "size=64k"]},
      {"destination": "/dev/pts", "type": "devpts", "source": "devpts",
        "options": ["nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620"]},
      {"destination": "/dev/shm", "type": "tmpfs", "source": "shm",
        "options": ["nosuid", "noexec", "nodev"]},
      {"destination": "/dev/mqueue", "type": "mqueue", "source": "mqueue",
        "options": ["nosuid", "noexec", "nodev"]},
      {"destination": "/sys", "type": "sysfs", "source": "sysfs",
        "options": ["nosuid", "noexec", "nodev", "ro"]}\
      """;
}
