package dev.belljar.cgroups;

import dev.belljar.cgroups.controller.Limit;
import dev.belljar.cgroups.hierarchy.CgroupVersion;
import dev.belljar.cgroups.hierarchy.Subsystem;
import java.util.List;
import java.util.Optional;

/**
 * The limits of memory alone and of memory and swap together, of which an update may change one:
 * the other stays, though version 2 has a limit of swap alone instead.
 */
final class SwapLimit {
  private SwapLimit() {}

  /** What is wrong with the limits of a group that has none yet. */
  static List<String> mistakesInNewGroup(Resources asked) {
    return asked.memorySwap().isPresent() && asked.memory().isEmpty()
        ? List.of("memorySwap counts memory and swap together, so it needs a memory limit, too")
        : List.of();
  }

  /**
   * Adds the half that is not asked for, as the group has it.
   *
   * @throws IllegalArgumentException when both would contradict each other
   */
  static Resources complete(Resources asked, GroupDirectory group) {
    Optional<Limit> memory = asked.get(ResourceKeys.MEMORY);
    Optional<Limit> together = asked.get(ResourceKeys.MEMORY_SWAP);
    if (memory.isPresent() == together.isPresent() || !group.hasFilesOf(Subsystem.MEMORY)) {
      return asked;
    }
    boolean v1 = group.version() == CgroupVersion.V1;
    if (!group.has(v1 ? MemoryWrites.V1_MEMSW : MemoryWrites.V2_SWAP)) {
      return asked;
    }
    Limit oldMemory = MemoryController.limit(group);
    Limit oldTogether = v1 ? v1Together(group) : v2Together(group, oldMemory);
    Limit newMemory = memory.orElse(oldMemory);
    Limit newTogether = together.orElse(oldTogether);
    if (!newTogether.isUnlimited() && newMemory.isUnlimited()) {
      throw new IllegalArgumentException(
          "memorySwap "
              + newTogether
              + " needs a memory limit, which "
              + group.path()
              + " has not");
    }
    if (!newTogether.isUnlimited()
        && newTogether.value().getAsLong() < newMemory.value().getAsLong()) {
      throw new IllegalArgumentException(
          "memorySwap counts memory and swap together, so it must be at least the memory limit of"
              + " %s, not %s".formatted(newMemory, newTogether));
    }
    if (v1 || (together.isEmpty() && newTogether.isUnlimited())) {
      return asked; // version 1 keeps the other file as it is, and so does no limit
    }
    return asked.toBuilder().memory(newMemory).memorySwap(newTogether).build();
  }

  private static Limit v1Together(GroupDirectory group) {
    return MemoryController.parseV1Limit(group.read(MemoryWrites.V1_MEMSW));
  }

  private static Limit v2Together(GroupDirectory group, Limit memory) {
    Limit swap = Limit.parse(group.read(MemoryWrites.V2_SWAP));
    return swap.isUnlimited() || memory.isUnlimited()
        ? Limit.UNLIMITED
        : Limit.of(memory.value().getAsLong() + swap.value().getAsLong());
  }
}
