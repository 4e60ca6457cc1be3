package dev.belljar.linux.launch;

import dev.belljar.linux.asm.ImageLayout;
import dev.belljar.linux.syscall.SyscallNumber;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;

/** Programs of every shape, most of which no process could run. */
final class Programs {
  private static final int MOST = 8;

  /** How many there are of each thing an operand can refer to. */
  private record Size(int steps, int cells, int inputs, List<Block> blocks) {}

  private Programs() {}

  static Arbitrary<LaunchProgram> all() {
    Arbitrary<List<Block>> blocks =
        Arbitraries.bytes()
            .array(byte[].class)
            .ofMinSize(1)
            .ofMaxSize(40)
            .map(Block::new)
            .list()
            .ofMaxSize(MOST);
    return Combinators.combine(
            Arbitraries.integers().between(1, MOST),
            Arbitraries.integers().between(1, MOST),
            Arbitraries.integers().between(0, MOST),
            blocks)
        .as((steps, cells, inputs, all) -> new Size(steps, cells, Math.min(inputs, cells), all))
        .flatMap(Programs::of);
  }

  private static Arbitrary<LaunchProgram> of(Size size) {
    Arbitrary<List<Long>> initials = Arbitraries.longs().list().ofSize(size.cells());
    return Combinators.combine(step(size).list().ofSize(size.steps()), initials)
        .as((steps, values) -> new LaunchProgram(steps, cells(size, values), size.blocks()));
  }

  private static List<Cell> cells(Size size, List<Long> initials) {
    List<Cell> cells = new ArrayList<>();
    for (int i = 0; i < size.cells(); i++) {
      boolean input = i < size.inputs();
      cells.add(new Cell("cell " + i, input ? 0 : initials.get(i), input));
    }
    return cells;
  }

  private static Arbitrary<Step> step(Size size) {
    return Combinators.combine(
            Arbitraries.strings().ascii().ofMaxLength(10),
            operation(),
            operand(size).list().ofMaxSize(Step.MOST_OPERANDS),
            Arbitraries.integers().between(Step.NO_RESULT, size.cells() - 1),
            demand(),
            rules(size),
            Arbitraries.longs())
        .as((name, operation, operands, result, demand, rules, namespaces) ->
            new Step(name, operation, operands, result, demand, rules, namespaces, Map.of()));
  }

  private static Arbitrary<Operation> operation() {
    return Arbitraries.oneOf(
        Arbitraries.of(SyscallNumber.class).map(Operation.Call::new),
        Arbitraries.of(Operation.Control.class));
  }

  private static Arbitrary<Operand> operand(Size size) {
    List<Arbitrary<? extends Operand>> kinds = new ArrayList<>();
    kinds.add(literal());
    kinds.add(Arbitraries.just(new Operand.Arguments()));
    kinds.add(Arbitraries.just(new Operand.Environment()));
    kinds.add(index(size.cells()).map(Operand.CellValue::new));
    kinds.add(index(size.cells()).map(Operand.CellAddress::new));
    kinds.add(index(size.steps()).map(Operand.Target::new));
    if (!size.blocks().isEmpty()) {
      kinds.add(index(size.blocks().size()).flatMap(block -> place(size, block)));
    }
    return Arbitraries.of(kinds).flatMap(kind -> kind.map(operand -> operand));
  }

  private static Arbitrary<Operand> place(Size size, int block) {
    return index(size.blocks().get(block).size())
        .map(offset -> new Operand.BlockAddress(block, offset));
  }

  /** Numbers that are no address of the image: a decoder could not tell them apart. */
  private static Arbitrary<Operand> literal() {
    Arbitrary<Long> special = Arbitraries.of(0L, 1L, -1L, Long.MIN_VALUE, Long.MAX_VALUE);
    return Arbitraries.oneOf(special, Arbitraries.longs())
        .filter(value -> value < ImageLayout.BASE || value > 2L * ImageLayout.BASE)
        .map(value -> new Operand.Literal(value, Long.toString(value)));
  }

  private static Arbitrary<Demand> demand() {
    return Combinators.combine(Arbitraries.of(Demand.Kind.class), Arbitraries.longs())
        .as(Demand::new);
  }

  private static Arbitrary<List<ErrorRule>> rules(Size size) {
    Arbitrary<Integer> target = Arbitraries.integers().between(ErrorRule.FAIL, size.steps() - 1);
    Arbitrary<ErrorRule> named =
        Combinators.combine(Arbitraries.integers().between(1, 4095), target).as(ErrorRule::new);
    return Combinators.combine(named.list().ofMaxSize(4), target)
        .as((first, other) -> {
          List<ErrorRule> rules = new ArrayList<>(first);
          rules.add(new ErrorRule(ErrorRule.ANY_OTHER, other));
          return rules;
        });
  }

  private static Arbitrary<Integer> index(int size) {
    return Arbitraries.integers().between(0, size - 1);
  }
}
