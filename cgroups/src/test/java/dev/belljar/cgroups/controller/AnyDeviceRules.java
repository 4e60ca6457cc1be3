package dev.belljar.cgroups.controller;

import dev.belljar.linux.DeviceNumber;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import net.jqwik.api.domains.DomainContextBase;

/** Device rules, devices and accesses, of few numbers, so that they meet. */
final class AnyDeviceRules extends DomainContextBase {
  private static final List<DeviceNumber> NUMBERS =
      IntStream.range(0, 25)
          .mapToObj(i -> new DeviceNumber(i / 5, i % 5)) // 4 is one that rules seldom name
          .toList();

  record Access(DeviceKind kind, DeviceNumber number, Set<DeviceAccess> access) {}

  private static Arbitrary<Integer> numbers() {
    return Arbitraries.frequencyOf(
        Tuple.of(9, Arbitraries.integers().between(0, 3)),
        Tuple.of(1, Arbitraries.integers().between(0, DeviceNumber.MAX_MAJOR)));
  }

  private static Arbitrary<OptionalInt> wildcards() {
    return numbers().map(OptionalInt::of).optional().map(each -> each.orElse(OptionalInt.empty()));
  }

  private static Arbitrary<Set<DeviceAccess>> accesses(int least) {
    return Arbitraries.of(DeviceAccess.class).set().ofMinSize(least);
  }

  private static Arbitrary<DeviceKind> kinds() {
    return Arbitraries.of(DeviceKind.BLOCK, DeviceKind.CHAR);
  }

  @Provide
  Arbitrary<DeviceRule> rule() {
    Arbitrary<Boolean> allowed = Arbitraries.of(true, false);
    Arbitrary<DeviceRule> some =
        Combinators.combine(allowed, kinds(), wildcards(), wildcards(), accesses(1))
            .as(DeviceRule::new);
    Arbitrary<DeviceRule> all = allowed.map(each -> DeviceRule.parse(each, "a"));
    return Arbitraries.frequencyOf(Tuple.of(9, some), Tuple.of(1, all));
  }

  @Provide
  Arbitrary<DeviceRules> rules() {
    return rule().list().ofMaxSize(8).map(DeviceRules::new);
  }

  @Provide
  Arbitrary<Access> access() {
    return Combinators.combine(kinds(), numbers(), numbers(), accesses(0))
        .as((kind, major, minor, access) ->
            new Access(kind, new DeviceNumber(major, minor), access));
  }

  /** All accesses to the devices of the numbers that rules are made of, and one that none names. */
  static List<Access> each() {
    return Stream.of(DeviceKind.BLOCK, DeviceKind.CHAR)
        .flatMap(kind -> NUMBERS.stream().flatMap(number -> accessesTo(kind, number)))
        .toList();
  }

  private static Stream<Access> accessesTo(DeviceKind kind, DeviceNumber number) {
    return IntStream.range(1, 8)
        .mapToObj(bits -> new Access(kind, number, DeviceAccess.ofBits(bits)));
  }
}
