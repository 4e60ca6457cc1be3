package dev.belljar.namespaces.inside;

import dev.belljar.linux.IdMap;
import dev.belljar.linux.LinuxException;
import dev.belljar.linux.launch.IdMapFiles;
import dev.belljar.linux.uapi.Uapi;
import java.time.Duration;
import java.util.Optional;

/** Sets new namespaces up from outside, while a process waits in them. */
public final class Creator {
  /**
   * What to make.
   *
   * @param kinds {@code CLONE_NEW*} flags
   * @param idMap the ids of USER; empty for the usual ones
   * @param monotonic the offset of CLOCK_MONOTONIC in TIME
   * @param boot the offset of CLOCK_BOOTTIME in TIME
   */
  public record Request(long kinds, Optional<IdMap> idMap, Duration monotonic, Duration boot) {}

  private Creator() {}

  /**
   * Writes the id maps and the offsets of the clocks.
   *
   * @param process the process that waits
   * @param request what to write
   * @throws LinuxException when the kernel refuses
   */
  public static void setUp(PausedProcess process, Request request) {
    if ((request.kinds() & Uapi.CLONE_NEWUSER()) != 0) {
      IdMapFiles.write(process.pid(), request.idMap().orElseGet(IdMapFiles::usual));
    }
    if (!request.monotonic().isZero() || !request.boot().isZero()) {
      ClockOffsets.write(process.pid(), request.monotonic(), request.boot());
    }
  }
}
