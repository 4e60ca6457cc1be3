package dev.belljar.cgroups;

import dev.belljar.cgroups.hierarchy.Subsystem;
import java.util.List;
import java.util.function.BinaryOperator;
import java.util.function.Function;

/**
 * Something that {@link Resources} can say: its name in the builder, the subsystem it needs, what
 * is wrong with a value, and how a later value joins an earlier one.
 *
 * @param <T> the type of its value
 */
record ResourceKey<T>(
    String name,
    Subsystem subsystem,
    Function<T, List<String>> mistakes,
    Function<T, String> print,
    BinaryOperator<T> join) {

  static <T> ResourceKey<T> of(String name, Subsystem subsystem) {
    return new ResourceKey<>(
        name, subsystem, value -> List.of(), String::valueOf, (earlier, later) -> later);
  }

  static ResourceKey<Long> range(String name, Subsystem subsystem, long min, long max) {
    return ResourceKey.<Long>of(name, subsystem).checked(value -> outside(name, value, min, max));
  }

  ResourceKey<T> checked(Function<T, List<String>> check) {
    return new ResourceKey<>(name, subsystem, check, print, join);
  }

  ResourceKey<T> printed(Function<T, String> printer) {
    return new ResourceKey<>(name, subsystem, mistakes, printer, join);
  }

  ResourceKey<T> joined(BinaryOperator<T> joiner) {
    return new ResourceKey<>(name, subsystem, mistakes, print, joiner);
  }

  static List<String> outside(String name, long value, long min, long max) {
    if (value >= min && value <= max) {
      return List.of();
    }
    String range = max == Long.MAX_VALUE ? "at least " + min : min + " to " + max;
    return List.of("%s must be %s, not %d".formatted(name, range, value));
  }
}
