package dev.belljar.cgroups.controller;

import dev.belljar.linux.DeviceNumber;
import dev.belljar.linux.Finding;
import java.util.Optional;

/** What the weights of BFQ need on both versions; the kernel takes them without, for nothing. */
final class BfqWeight {
  static final String NEEDS = "the BFQ scheduler (modprobe bfq) with CONFIG_BFQ_GROUP_IOSCHED";

  private static final int MAX = 1000;

  private BfqWeight() {}

  static void check(int weight) {
    if (weight < 1 || weight > MAX) {
      throw new IllegalArgumentException("a weight of BFQ is 1 to 1000, not " + weight);
    }
  }

  static void require(String file, DeviceNumber disk) {
    finding(file, disk)
        .ifPresent(found -> {
          throw new UnsupportedOperationException(found.text());
        });
  }

  static Optional<Finding> finding(String file, DeviceNumber disk) {
    return IoSchedulers.isBfq(disk)
        ? Optional.empty()
        : Optional.of(
            Finding.noEffect(
                "%s has no effect on %s, which BFQ does not schedule: write bfq to %s first"
                    .formatted(file, disk, "/sys/dev/block/" + disk + "/queue/scheduler")));
  }

  static void requireAnywhere(String file) {
    finding(file)
        .ifPresent(found -> {
          throw new UnsupportedOperationException(found.text());
        });
  }

  static Optional<Finding> finding(String file) {
    return IoSchedulers.isBfqAnywhere()
        ? Optional.empty()
        : Optional.of(
            Finding.noEffect(
                file
                    + " has no effect, since BFQ schedules no disk of this machine: write bfq to"
                    + " /sys/block/<disk>/queue/scheduler first"));
  }
}
