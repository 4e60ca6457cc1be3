package dev.belljar;

import dev.belljar.cgroups.Cgroup;
import dev.belljar.cgroups.CgroupPlacement;
import dev.belljar.cgroups.launch.CgroupEntry;
import dev.belljar.linux.LinuxException;
import dev.belljar.linux.call.Closing;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;

/**
 * The control groups of one container, with its limits, before anything runs in them.
 *
 * @param id the container's, after which the groups are named
 * @param group the groups; empty when the host allows none and none are needed
 * @param entry the open files through which the container enters them
 */
record ContainerGroup(String id, Optional<Cgroup> group, Optional<CgroupEntry> entry)
    implements AutoCloseable {
  private static final int ID_DIGITS = 12;

  /**
   * Makes the groups of one more container.
   *
   * @throws UnsupportedOperationException when the host lacks a limit
   * @throws LinuxException when the kernel refuses; nothing is left behind
   */
  static ContainerGroup make(CgroupPlacement placement) {
    String id = HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextLong(), ID_DIGITS);
    Optional<Cgroup> group = placement.create(id);
    try {
      return new ContainerGroup(id, group, group.map(CgroupEntry::open));
    } catch (RuntimeException | Error failure) {
      group.ifPresent(made -> Closing.after(failure, made::remove));
      throw failure;
    }
  }

  /** Gives them up: for a container that could not be started, or never was. */
  @Override
  public void close() {
    Closing.all(
        List.of(() -> entry.ifPresent(CgroupEntry::close), () -> group.ifPresent(Cgroup::remove)));
  }
}
