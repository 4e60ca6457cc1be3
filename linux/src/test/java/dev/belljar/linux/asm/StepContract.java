package dev.belljar.linux.asm;

import static dev.belljar.linux.asm.TestImage.addressOf;
import static dev.belljar.linux.asm.TestImage.value;
import static org.assertj.core.api.Assertions.assertThat;

import dev.belljar.linux.asm.ImageRun.Outcome;
import dev.belljar.linux.asm.ImageRun.Report;
import dev.belljar.linux.asm.TestImage.Operand;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

/** Control operations, errno tables and demands. */
abstract class StepContract {
  private static final int EBADF = 9;
  private static final int ENOENT = 2;
  private static final int ENOSYS = 38;
  private static final long CONTINUED = 1;
  private static final long JUMPED = 2;

  final Isa isa;

  StepContract(Isa isa) {
    this.isa = isa;
  }

  // Jumps.

  @Property(tries = 25)
  void jumpsCompareAsJavaDoes(@ForAll long left, @ForAll long right) {
    TestImage image = new TestImage(isa);
    Operand equal = addJump(image, ControlOperation.JUMP_EQUAL, left, right);
    Operand notEqual = addJump(image, ControlOperation.JUMP_NOT_EQUAL, left, right);
    Operand less = addJump(image, ControlOperation.JUMP_LESS, left, right);
    Operand sameEqual = addJump(image, ControlOperation.JUMP_EQUAL, left, left);
    Operand sameNotEqual = addJump(image, ControlOperation.JUMP_NOT_EQUAL, left, left);
    Operand sameLess = addJump(image, ControlOperation.JUMP_LESS, left, left);
    image.printCellsAndExit();

    Outcome outcome = ImageRun.run(image);

    assertThat(outcome.cell(equal)).isEqualTo(left == right ? JUMPED : CONTINUED);
    assertThat(outcome.cell(notEqual)).isEqualTo(left != right ? JUMPED : CONTINUED);
    assertThat(outcome.cell(less)).isEqualTo(left < right ? JUMPED : CONTINUED);
    assertThat(outcome.cell(sameEqual)).isEqualTo(JUMPED);
    assertThat(outcome.cell(sameNotEqual)).isEqualTo(CONTINUED);
    assertThat(outcome.cell(sameLess)).isEqualTo(CONTINUED);
  }

  @Test
  void jumpsCompareAllOfTheBits() {
    TestImage image = new TestImage(isa);
    Operand highBits = addJump(image, ControlOperation.JUMP_EQUAL, 0x1_0000_0001L, 0x2_0000_0001L);
    Operand signed = addJump(image, ControlOperation.JUMP_LESS, Long.MIN_VALUE, Long.MAX_VALUE);
    Operand wide = addJump(image, ControlOperation.JUMP_LESS, 0x1_0000_0000L, 0xffff_ffffL);
    image.printCellsAndExit();

    Outcome outcome = ImageRun.run(image);

    assertThat(outcome.cell(highBits)).isEqualTo(CONTINUED);
    assertThat(outcome.cell(signed)).isEqualTo(JUMPED);
    assertThat(outcome.cell(wide)).isEqualTo(CONTINUED);
  }

  /** Adds a jump and steps that leave in a cell whether it was taken. */
  private static Operand addJump(
      TestImage image, ControlOperation operation, long left, long right) {
    Operand where = image.cell(0);
    image.control(operation, image.cell(left), value(right), value(image.stepAhead(3)));
    setTo(image, where, CONTINUED);
    jumpAhead(image, 1);
    setTo(image, where, JUMPED);
    return where;
  }

  private static void setTo(TestImage image, Operand cell, long value) {
    image.control(ControlOperation.ADD, value(value), value(0)).into(cell);
  }

  /** Adds a jump over so many steps. */
  private static void jumpAhead(TestImage image, int steps) {
    image.control(
        ControlOperation.JUMP_EQUAL, value(0), value(0), value(image.stepAhead(1 + steps)));
  }

  @Test
  void jumpCanGoBackAndCount() {
    TestImage image = new TestImage(isa);
    Operand counter = image.cell(0);
    final long start = image.stepAhead(0);
    image.control(ControlOperation.ADD, counter, value(1)).into(counter);
    image.control(ControlOperation.JUMP_LESS, counter, value(1000), value(start));
    image.printCellsAndExit();

    assertThat(ImageRun.run(image).cell(counter)).isEqualTo(1000);
  }

  // Memory and arithmetic.

  @Property(tries = 25)
  void addsLoadsAndStores(@ForAll long left, @ForAll long right) {
    TestImage image = new TestImage(isa);
    Operand sum = image.cell(0);
    Operand loaded = image.cell(0);
    Operand loadedHalf = image.cell(0);
    Operand stored = image.cell(0);
    Operand storedHalf = image.cell(left);
    Operand storeResult = image.cell(-1);
    Operand storeHalfResult = image.cell(-1);
    long carried = image.bytes(littleEndian(left));
    image.control(ControlOperation.ADD, value(left), image.cell(right)).into(sum);
    image.control(ControlOperation.LOAD64, value(carried - 24), value(24)).into(loaded);
    image.control(ControlOperation.LOAD32, value(carried + 24), value(-24)).into(loadedHalf);
    image
        .control(ControlOperation.STORE64, addressOf(stored), value(0), value(right))
        .into(storeResult)
        .demandEqual(0);
    image
        .control(ControlOperation.STORE32, value(storedHalf.value() - 8), value(8), value(right))
        .into(storeHalfResult)
        .demandEqual(0);
    image.printCellsAndExit();

    Outcome outcome = ImageRun.run(image);

    assertThat(outcome.cell(sum)).isEqualTo(left + right);
    assertThat(outcome.cell(loaded)).isEqualTo(left);
    assertThat(outcome.cell(loadedHalf)).isEqualTo(left & 0xffff_ffffL);
    assertThat(outcome.cell(stored)).isEqualTo(right);
    assertThat(outcome.cell(storedHalf)).isEqualTo(left >>> 32 << 32 | right & 0xffff_ffffL);
    assertThat(outcome.cell(storeResult)).isZero();
    assertThat(outcome.cell(storeHalfResult)).isZero();
  }

  private static byte[] littleEndian(long value) {
    byte[] bytes = new byte[8];
    for (int i = 0; i < 8; i++) {
      bytes[i] = (byte) (value >>> 8 * i);
    }
    return bytes;
  }

  @Test
  void sumsAndLoadedValuesAreNeverErrors() {
    TestImage image = new TestImage(isa);
    Operand sum = image.cell(0);
    Operand loaded = image.cell(0);
    image.control(ControlOperation.ADD, value(-4096), value(4095)).into(sum);
    image
        .control(ControlOperation.LOAD64, value(image.bytes(littleEndian(-4095))), value(0))
        .into(loaded);
    image.printCellsAndExit();

    Outcome outcome = ImageRun.run(image);

    assertThat(outcome.cell(sum)).isEqualTo(-1);
    assertThat(outcome.cell(loaded)).isEqualTo(-4095);
  }

  @Test
  void failIsAsIfACallHadFailed() {
    TestImage image = new TestImage(isa);
    Operand untouched = image.cell(7);
    image
        .control(ControlOperation.FAIL, value(ENOENT))
        .into(untouched)
        .onErrno(ENOENT, image.stepAhead(1), 0, 0);
    image.print("not taken");
    image.control(ControlOperation.FAIL, untouched);

    Outcome outcome = ImageRun.run(image);

    assertThat(outcome.text()).isEmpty();
    assertThat(outcome.report()).isEqualTo(new Report(2, 7, -7));
  }

  @Test
  void onlyTheKernelsErrnosAreErrors() {
    TestImage image = new TestImage(isa);
    Operand belowErrors = image.cell(0);
    Operand zero = image.cell(1);
    image.control(ControlOperation.FAIL, value(4096)).into(belowErrors);
    image.control(ControlOperation.FAIL, value(0)).into(zero);
    image.control(ControlOperation.FAIL, value(4095)).onErrno(0, image.stepAhead(1));
    image.exit(1);
    image.printCellsAndExit();

    Outcome outcome = ImageRun.run(image);

    assertThat(outcome.cell(belowErrors)).isEqualTo(-4096);
    assertThat(outcome.cell(zero)).isZero();
  }

  @Test
  void unknownSystemCallIsAnErrorLikeAnother() {
    TestImage image = new TestImage(isa);
    image.step(0x3ff0);

    assertThat(ImageRun.run(image).report()).isEqualTo(new Report(0, ENOSYS, -ENOSYS));
  }

  // Errno tables.

  @Test
  void errnoInTheTableDecidesWhereToContinue() {
    assertThat(outcomeOfClose(ENOENT, 1, EBADF, 2, 0, 3)).isEqualTo("second");
    assertThat(outcomeOfClose(EBADF, 1, ENOENT, 2, 0, 3)).isEqualTo("first");
  }

  @Test
  void errnoNotInTheTableTakesTheDefault() {
    assertThat(outcomeOfClose(ENOENT, 1, ENOSYS, 2, 0, 3)).isEqualTo("third");
    assertThat(outcomeOfClose(0, 2)).isEqualTo("second");
  }

  @Test
  void errnoWithoutATargetFails() {
    assertThat(outcomeOfClose(EBADF, 0, 0, 3)).isEqualTo("report 9");
    assertThat(outcomeOfClose(ENOENT, 1, 0, 0)).isEqualTo("report 9");
    assertThat(outcomeOfClose(0, 0)).isEqualTo("report 9");
  }

  /** Closes no descriptor at all; the table's targets are 0, or 1 to 3 for what is printed. */
  private String outcomeOfClose(long... table) {
    TestImage image = new TestImage(isa);
    long[] absolute = table.clone();
    for (int i = 1; i < absolute.length; i += 2) {
      absolute[i] = table[i] == 0 ? 0 : image.stepAhead(1 + 2 * (int) table[i]);
    }
    image.call(Call.CLOSE, value(-1)).onErrno(absolute);
    image.print("no error");
    image.exit(0);
    for (String text : new String[] {"first", "second", "third"}) {
      image.print(text);
      image.exit(0);
    }
    Outcome outcome = ImageRun.run(image);
    return outcome.err().length == 0 ? outcome.text() : "report " + outcome.report().errno();
  }

  @Test
  void ignoredErrorStoresNothing() {
    TestImage image = new TestImage(isa);
    Operand result = image.cell(1234);
    image.call(Call.CLOSE, value(-1)).into(result).demandEqual(0).onErrno(0, image.stepAhead(0));
    image.printCellsAndExit();

    assertThat(ImageRun.run(image).cell(result)).isEqualTo(1234);
  }

  // Demands.

  @Test
  void equalDemandIsMetByTheSameValueOnly() {
    assertThat(isDemandMet(5, image -> image.demandEqual(5))).isTrue();
    assertThat(isDemandMet(4, image -> image.demandEqual(5))).isFalse();
    assertThat(isDemandMet(6, image -> image.demandEqual(5))).isFalse();
    assertThat(isDemandMet(0x1_0000_0005L, image -> image.demandEqual(5))).isFalse();
  }

  @Test
  void atLeastDemandIsMetByTheSameAndGreaterValues() {
    assertThat(isDemandMet(5, step -> step.demandAtLeast(5))).isTrue();
    assertThat(isDemandMet(6, step -> step.demandAtLeast(5))).isTrue();
    assertThat(isDemandMet(4, step -> step.demandAtLeast(5))).isFalse();
    assertThat(isDemandMet(-6000, step -> step.demandAtLeast(5))).isFalse();
    assertThat(isDemandMet(-5000, step -> step.demandAtLeast(-6000))).isTrue();
  }

  private interface Demand {
    void on(TestImage.Step step);
  }

  private boolean isDemandMet(long result, Demand demand) {
    TestImage image = new TestImage(isa);
    Operand cell = image.cell(0);
    demand.on(image.control(ControlOperation.ADD, value(result), value(0)).into(cell));
    image.printCellsAndExit();
    Outcome outcome = ImageRun.run(image);
    if (outcome.err().length == 0) {
      assertThat(outcome.cell(cell)).isEqualTo(result);
      return true;
    }
    assertThat(outcome.report()).isEqualTo(new Report(0, 0, result));
    assertThat(outcome.status()).isEqualTo(127);
    return false;
  }

  @Test
  void shortWriteCanBeAFailure() {
    TestImage image = new TestImage(isa);
    image.call(Call.WRITE, value(1), value(image.string("abc")), value(3)).demandEqual(4);

    Outcome outcome = ImageRun.run(image);

    assertThat(outcome.text()).isEqualTo("abc");
    assertThat(outcome.report()).isEqualTo(new Report(0, 0, 3));
  }
}
