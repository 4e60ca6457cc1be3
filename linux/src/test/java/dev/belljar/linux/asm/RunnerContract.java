package dev.belljar.linux.asm;

import static dev.belljar.linux.asm.TestImage.addressOf;
import static dev.belljar.linux.asm.TestImage.cellAt;
import static dev.belljar.linux.asm.TestImage.value;
import static org.assertj.core.api.Assertions.assertThat;

import dev.belljar.linux.asm.ImageRun.Outcome;
import dev.belljar.linux.asm.ImageRun.Report;
import dev.belljar.linux.asm.TestImage.Operand;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a runner does at its entry and with system calls; the same for every instruction set. */
abstract class RunnerContract extends StepContract {
  private static final int AT_FDCWD = -100;
  private static final int O_RDONLY = 0;
  private static final int O_WRONLY_CREAT = 0101;
  private static final int EBADF = 9;
  private static final int PAGE = 4096;

  RunnerContract(Isa isa) {
    super(isa);
  }

  // Entry.

  @Test
  void codeFitsBeforeTheData() {
    assertThat(MachineCode.of(isa).runner()).hasSizeLessThan(ImageLayout.MAX_CODE_SIZE);
  }

  @Test
  void argumentsAndEnvironmentAreFoundByTheirAddresses() {
    TestImage image = new TestImage(isa);
    printFirstString(image, ImageLayout.ARGV, "second".length());
    printFirstString(image, ImageLayout.ENVP, "NAME=value".length());
    image.exit(0);

    assertThat(ImageRun.run(image, "second", "third").text()).isEqualTo("secondNAME=value");
  }

  @Test
  void emptyArgumentVectorEndsAtOnce() {
    TestImage image = new TestImage(isa);
    Operand first = image.cell(-1);
    Operand vector = new Operand(ImageLayout.DATA_ADDRESS + ImageLayout.ARGV, true);
    image.control(ControlOperation.LOAD64, vector, value(0)).into(first);
    image.printCellsAndExit();

    assertThat(ImageRun.run(image).cell(first)).isZero();
  }

  private static void printFirstString(TestImage image, int vectorOffset, int length) {
    Operand string = image.cell(0);
    Operand vector = new Operand(ImageLayout.DATA_ADDRESS + vectorOffset, true);
    image.control(ControlOperation.LOAD64, vector, value(0)).into(string);
    image.call(Call.WRITE, value(1), string, value(length));
  }

  @Test
  void cellsKeepTheirValuesWhenThereAreNoInputs() {
    TestImage image = new TestImage(isa);
    Operand cell = image.cell(0x1234_5678_9abc_def0L);
    image.printCellsAndExit();

    Outcome outcome = ImageRun.run(image);

    assertThat(outcome.cell(cellAt(0))).isEqualTo(2);
    assertThat(outcome.cell(cell)).isEqualTo(0x1234_5678_9abc_def0L);
  }

  @Property(tries = 20)
  void everyDescriptorIsDecoded(
      @ForAll @Size(min = 1, max = TestImage.MAX_CELLS - 1)
          List<@IntRange(max = ImageLayout.MAX_DESCRIPTOR) Integer> descriptors) {
    TestImage image = new TestImage(isa);
    image.loadInputs(descriptors.size());
    Operand behind = image.cell(77);
    image.printCellsAndExit();

    Outcome outcome = ImageRun.runWithInputs(image, descriptors);

    for (int i = 0; i < descriptors.size(); i++) {
      assertThat(outcome.cell(cellAt(i))).isEqualTo(descriptors.get(i).longValue());
    }
    assertThat(outcome.cell(behind)).isEqualTo(77);
  }

  @Test
  void reportGoesToTheFirstInput() {
    TestImage image = new TestImage(isa);
    image.loadInputs(1);
    image.call(Call.CLOSE, value(-1));

    Outcome outcome = ImageRun.runWithInputs(image, List.of(1));

    assertThat(outcome.err()).isEmpty();
    assertThat(outcome.out()).hasSize(ImageLayout.REPORT_SIZE);
  }

  // System calls.

  @Test
  void writesAndExits() {
    TestImage image = new TestImage(isa);
    image.print("hello\n");
    image.exit(42);

    Outcome outcome = ImageRun.run(image);

    assertThat(outcome.text()).isEqualTo("hello\n");
    assertThat(outcome.err()).isEmpty();
    assertThat(outcome.status()).isEqualTo(42);
  }

  @Test
  void opensAFileAndWritesToIt(@TempDir Path folder) {
    Path file = folder.resolve("written");
    TestImage image = new TestImage(isa);
    Operand fd = image.cell(-1);
    image
        .call(
            Call.OPENAT,
            value(AT_FDCWD),
            value(image.string(file.toString())),
            value(O_WRONLY_CREAT),
            value(0600))
        .into(fd);
    image
        .call(Call.WRITE, fd, value(image.bytes("text".getBytes(StandardCharsets.UTF_8))), value(4))
        .demandEqual(4);
    image.call(Call.CLOSE, fd);
    image.exit(0);

    assertThat(ImageRun.run(image).status()).isZero();
    assertThat(file).hasContent("text");
  }

  /** mmap is the call that looks at six operands; a wrong one shows in what is mapped where. */
  @Test
  void eachOperandCanComeFromACell(@TempDir Path folder) throws Exception {
    Path file = folder.resolve("pages");
    byte[] pages = new byte[4 * PAGE];
    for (int page = 0; page < 4; page++) {
      Arrays.fill(pages, page * PAGE, (page + 1) * PAGE, (byte) (page + 1));
    }
    Files.write(file, pages);
    TestImage image = new TestImage(isa);
    Operand fd = image.cell(-1);
    image
        .call(Call.OPENAT, value(AT_FDCWD), value(image.string(file.toString())), value(O_RDONLY))
        .into(fd);
    int planned = 10;
    image.call(Call.DUP3, fd, value(planned), value(0));
    int protectionRead = 1;
    int fixedPrivate = 0x12;
    // Downwards, so that one that is too long covers the one before.
    List<Operand> seen = new ArrayList<>();
    for (int mask = 0; mask < 1 << ImageLayout.OPERAND_COUNT; mask++) {
      long[] operands = {mapped(mask), 2 * PAGE, protectionRead, fixedPrivate, planned, PAGE};
      Operand[] given = new Operand[operands.length];
      for (int i = 0; i < operands.length; i++) {
        given[i] = (mask >> i & 1) != 0 ? image.cell(operands[i]) : value(operands[i]);
      }
      image.call(Call.MMAP, given).demandEqual(mapped(mask));
    }
    for (int mask = 0; mask < 1 << ImageLayout.OPERAND_COUNT; mask++) {
      for (int page = 0; page < 2; page++) {
        Operand content = image.cell(0);
        seen.add(content);
        image
            .control(ControlOperation.LOAD64, value(mapped(mask)), value((long) page * PAGE))
            .into(content);
      }
    }
    image.printCellsAndExit();

    Outcome outcome = ImageRun.run(image);

    assertThat(outcome.err()).isEmpty();
    for (int i = 0; i < seen.size(); i++) {
      assertThat(outcome.cell(seen.get(i)))
          .isEqualTo(i % 2 == 0 ? 0x0202020202020202L : 0x0303030303030303L);
    }
  }

  private static long mapped(int mask) {
    return 0x40000000L - 2L * PAGE * mask;
  }

  @Test
  void cloneReturnsInBothProcesses() {
    TestImage image = new TestImage(isa);
    Operand pid = image.cell(-1);
    Operand reaped = image.cell(-1);
    Operand status = image.cell(-1);
    int sigchld = 17;
    image.call(Call.CLONE, value(sigchld), value(0), value(0), value(0), value(0)).into(pid);
    image.control(ControlOperation.JUMP_NOT_EQUAL, pid, value(0), value(image.stepAhead(2)));
    image.exit(5);
    image.call(Call.WAIT4, pid, addressOf(status), value(0), value(0)).into(reaped);
    image.printCellsAndExit();

    Outcome outcome = ImageRun.run(image);

    assertThat(outcome.cell(pid)).isPositive().isEqualTo(outcome.cell(reaped));
    assertThat(outcome.cell(status) & 0xffff).isEqualTo(5 << 8);
  }

  // Failures.

  @Test
  void failedCallIsReportedAndEndsTheProgram() {
    TestImage image = new TestImage(isa);
    image.print("before");
    image.call(Call.CLOSE, value(-1));
    image.print("after");
    image.exit(0);

    Outcome outcome = ImageRun.run(image);

    assertThat(outcome.text()).isEqualTo("before");
    assertThat(outcome.report()).isEqualTo(new Report(1, EBADF, -EBADF));
    assertThat(outcome.status()).isEqualTo(127);
  }

  @Test
  void runnerEndsEvenIfItCannotReport() {
    TestImage image = new TestImage(isa);
    image.control(ControlOperation.ADD, value(-1), value(0)).into(cellAt(0));
    image.call(Call.CLOSE, value(-1));
    image.exit(0);

    Outcome outcome = ImageRun.run(image);

    assertThat(outcome.err()).isEmpty();
    assertThat(outcome.status()).isEqualTo(127);
  }

  @Property(tries = 40)
  void reportNamesTheStepThatFailed(
      @ForAll @IntRange(max = 99) int before,
      @ForAll @IntRange(max = 99) int after,
      @ForAll @IntRange(min = 1, max = 4095) int errno,
      @ForAll int number) {
    TestImage image = new TestImage(isa);
    addHarmlessSteps(image, before);
    image.control(ControlOperation.FAIL, value(errno)).numbered(number);
    addHarmlessSteps(image, after);
    image.exit(0);

    Outcome outcome = ImageRun.run(image);

    assertThat(outcome.report()).isEqualTo(new Report(number, errno, -errno));
    assertThat(outcome.status()).isEqualTo(127);
  }

  private static void addHarmlessSteps(TestImage image, int count) {
    for (int i = 0; i < count; i++) {
      image.call(Call.GETPID);
    }
  }
}
