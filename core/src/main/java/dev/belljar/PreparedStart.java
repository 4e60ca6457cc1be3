package dev.belljar;

import dev.belljar.program.ContainerProgram;
import dev.belljar.program.ImageCache;
import dev.belljar.program.StartProgram;
import dev.belljar.program.StartSettings;
import java.util.List;
import java.util.Optional;

/**
 * The start of a spec from {@link PreparedMounts}, worked out when it is needed.
 *
 * <p>It does not differ from the other in what the container is, only in what is left to do.
 */
final class PreparedStart {
  /** The parts of a blueprint that the two kinds of start do not share. */
  record Variant(
      StartSettings settings, ContainerProgram program, ImageCache.Key image, Plan plan) {
    static Variant of(StartSettings settings, List<String> warnings) {
      ContainerProgram program = StartProgram.of(settings);
      return new Variant(
          settings,
          program,
          ImageCache.Key.of(program.program()),
          Plans.of(program.program(), warnings));
    }
  }

  private final PreparedMounts mounts;
  private final StartSettings settings;
  private final List<String> warnings;
  private Optional<Variant> variant = Optional.empty();

  /**
   * Makes nothing yet.
   *
   * @param mounts what the start begins with
   * @param settings the start
   * @param warnings those of the plan
   */
  PreparedStart(PreparedMounts mounts, StartSettings settings, List<String> warnings) {
    this.mounts = mounts;
    this.settings = settings;
    this.warnings = warnings;
  }

  /** Returns what one start begins with; empty when it is to be of the other kind. */
  Optional<PreparedMounts.Lease> lease() {
    return mounts.lease();
  }

  /** Lets go of what one start began with, since it failed. */
  void drop() {
    mounts.drop();
  }

  synchronized Variant variant() {
    if (variant.isEmpty()) {
      variant = Optional.of(Variant.of(settings, warnings));
    }
    return variant.get();
  }
}
