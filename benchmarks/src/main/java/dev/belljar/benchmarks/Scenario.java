package dev.belljar.benchmarks;

import static dev.belljar.namespaces.NamespaceType.IPC;
import static dev.belljar.namespaces.NamespaceType.MOUNT;
import static dev.belljar.namespaces.NamespaceType.NET;
import static dev.belljar.namespaces.NamespaceType.PID;
import static dev.belljar.namespaces.NamespaceType.UTS;

import dev.belljar.Container;
import dev.belljar.ContainerBuilder;
import dev.belljar.Stdio;
import dev.belljar.namespaces.NamespaceType;
import dev.belljar.rootfs.DirectoryRootfs;
import dev.belljar.rootfs.Rootfs;
import java.nio.file.Path;

/** A kind of container whose start is measured. */
enum Scenario {
  LIMITED(
      "a",
      "PID+MOUNT+UTS+IPC, pivot_root, fresh /proc, cgroups of cpu, memory and pids",
      false,
      true,
      false),
  UNLIMITED("a0", "as (a), without cgroup limits", false, false, false),
  NETWORKED("b", "as (a), with NET and lo up", true, true, false),
  COMPLETE("d", "as (a), with a new /sys and /dev too, as is the default", false, true, true),
  COMPLETE_UNLIMITED("d0", "as (d), without cgroup limits", false, false, true);

  /** CPU shares. */
  static final int CPU_SHARES = 512;

  /** Bytes. */
  static final long MEMORY = 64L << 20;

  /** Processes and threads. */
  static final int PIDS = 50;

  private final String key;
  private final String title;
  private final boolean network;
  private final boolean limited;
  private final boolean complete;

  Scenario(String key, String title, boolean network, boolean limited, boolean complete) {
    this.key = key;
    this.title = title;
    this.network = network;
    this.limited = limited;
    this.complete = complete;
  }

  /** Its name on the command line. */
  String key() {
    return key;
  }

  String title() {
    return "(" + key + ") " + title;
  }

  boolean hasNetwork() {
    return network;
  }

  boolean isLimited() {
    return limited;
  }

  /** Whether /sys and /dev are mounted; else only /proc is. */
  boolean isComplete() {
    return complete;
  }

  /** Describes the container, except for its command. */
  ContainerBuilder builder(Path root) {
    NamespaceType[] types = {PID, MOUNT, UTS, IPC};
    NamespaceType[] withNet = {PID, MOUNT, UTS, IPC, NET};
    DirectoryRootfs rootfs = Rootfs.directory(root);
    ContainerBuilder builder =
        Container.builder()
            .rootfs(complete ? rootfs : rootfs.withProcOnly())
            .namespaces(network ? withNet : types)
            .stdin(Stdio.discard())
            .stdout(Stdio.discard())
            .stderr(Stdio.discard())
            .prepare(false); // but where that is what is measured
    return limited ? builder.cpuShares(CPU_SHARES).memory(MEMORY).pids(PIDS) : builder;
  }
}
