package dev.belljar.linux.asm;

import static dev.belljar.linux.asm.TestImage.cellAt;
import static dev.belljar.linux.asm.TestImage.value;
import static org.assertj.core.api.Assertions.assertThat;

import dev.belljar.linux.syscall.Architecture;
import dev.belljar.linux.syscall.Syscall;
import dev.belljar.linux.syscall.SyscallNumber;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** This processor's stub, called in this JVM. */
class StubTest {
  private static final Isa ISA =
      switch (Architecture.current()) {
        case X86_64 -> Isa.X86_64;
        case AARCH64 -> Isa.AARCH64;
      };

  private static final int EBADF = 9;
  private static final int ENOEXEC = 8;
  private static final int EINVAL = 22;
  private static final long CLONE_VM = 0x100;
  private static final long CLONE_VFORK = 0x4000;
  private static final long CLONE_CLEAR_SIGHAND = 0x1_0000_0000L;
  private static final int SIGCHLD = 17;
  private static final int CLOSE_ON_EXEC = 02000000;
  private static final int PAGE = 4096;

  private static long page;
  private static Syscall.Code stub;

  private Arena arena;
  private MemorySegment parameters;
  private MemorySegment cloneArguments;
  private MemorySegment kept;
  private MemorySegment previousMask;
  private int image;
  private int readEnd;
  private int writeEnd;

  @BeforeAll
  static void makeTheStubExecutable() {
    int readWrite = 3;
    int readExecute = 5;
    int privateAnonymous = 0x22;
    page = checked(Syscall.call(SyscallNumber.MMAP, 0, PAGE, readWrite, privateAnonymous, -1, 0));
    byte[] code = MachineCode.of(ISA).stub();
    MemorySegment.copy(
        code,
        0,
        MemorySegment.ofAddress(page).reinterpret(PAGE),
        ValueLayout.JAVA_BYTE,
        0,
        code.length);
    checked(Syscall.call(SyscallNumber.MPROTECT, page, PAGE, readExecute));
    stub = new Syscall.Code("stub", page);
  }

  @AfterAll
  static void giveThePageBack() {
    checked(Syscall.call(SyscallNumber.MUNMAP, page, PAGE));
  }

  @BeforeEach
  void prepareParameters() {
    arena = Arena.ofConfined();
    image =
        (int)
            checked(
                Syscall.call(SyscallNumber.MEMFD_CREATE, arena.allocateFrom("image").address(), 1));
    MemorySegment ends = arena.allocate(8, 8);
    checked(Syscall.call(SyscallNumber.PIPE2, ends.address(), CLOSE_ON_EXEC));
    readEnd = ends.get(ValueLayout.JAVA_INT, 0);
    writeEnd = ends.get(ValueLayout.JAVA_INT, 4);

    cloneArguments = arena.allocate(88, 8);
    cloneArguments.set(ValueLayout.JAVA_LONG, 0, CLONE_VM | CLONE_VFORK | CLONE_CLEAR_SIGHAND);
    cloneArguments.set(ValueLayout.JAVA_LONG, 32, SIGCHLD);
    kept = arena.allocate(64, 8);
    MemorySegment everySignal = arena.allocate(8, 8);
    everySignal.set(ValueLayout.JAVA_LONG, 0, -1);
    previousMask = arena.allocate(8, 8);
    MemorySegment argv = arena.allocate(16, 8);
    argv.set(ValueLayout.JAVA_LONG, 0, descriptorTable(writeEnd).address());
    MemorySegment envp = arena.allocate(8, 8);

    parameters = arena.allocate(StubLayout.SIZE, 8);
    set(StubLayout.CLONE_ARGS, cloneArguments.address());
    set(StubLayout.CLONE_ARGS_SIZE, 88);
    set(StubLayout.KEPT_DESCRIPTORS, kept.address());
    set(StubLayout.KEPT_COUNT, 0);
    set(StubLayout.IMAGE, image);
    set(StubLayout.ARGV, argv.address());
    set(StubLayout.ENVP, envp.address());
    set(StubLayout.BLOCKED_SIGNALS, everySignal.address());
    set(StubLayout.PREVIOUS_SIGNALS, previousMask.address());
    set(StubLayout.EMPTY_PATH, arena.allocateFrom("").address());
  }

  @AfterEach
  void closeAll() {
    checked(Syscall.call(SyscallNumber.CLOSE, image));
    checked(Syscall.call(SyscallNumber.CLOSE, readEnd));
    checked(Syscall.call(SyscallNumber.CLOSE, writeEnd));
    arena.close();
  }

  private MemorySegment descriptorTable(int descriptor) {
    MemorySegment table = arena.allocate(5);
    for (int i = 0; i < 4; i++) {
      table.set(ValueLayout.JAVA_BYTE, i, (byte) (0x80 | descriptor >> 7 * i & 0x7f));
    }
    return table;
  }

  private void set(int offset, long value) {
    parameters.set(ValueLayout.JAVA_LONG, offset, value);
  }

  private long childError() {
    return parameters.get(ValueLayout.JAVA_LONG, StubLayout.CHILD_ERROR);
  }

  private void keep(int... descriptors) {
    MemorySegment.copy(descriptors, 0, kept, ValueLayout.JAVA_INT, 0, descriptors.length);
    set(StubLayout.KEPT_COUNT, descriptors.length);
  }

  private void fillImage(TestImage program) {
    byte[] file = ElfImage.wrap(ISA, program.data());
    MemorySegment bytes = arena.allocateFrom(ValueLayout.JAVA_BYTE, file);
    assertThat(Syscall.call(SyscallNumber.WRITE, image, bytes.address(), file.length))
        .isEqualTo(file.length);
  }

  private static TestImage programWithInput() {
    TestImage program = new TestImage(ISA);
    program.loadInputs(1);
    return program;
  }

  private static long checked(long result) {
    assertThat(Syscall.failed(result)).as("failed with %d", result).isFalse();
    return result;
  }

  private int waitForStatus(long pid) {
    int waitForPid = 1;
    int exited = 4;
    MemorySegment information = arena.allocate(128, 8);
    checked(Syscall.call(SyscallNumber.WAITID, waitForPid, pid, information.address(), exited, 0));
    return information.get(ValueLayout.JAVA_INT, 24);
  }

  private long currentMask() {
    MemorySegment mask = arena.allocate(8, 8);
    checked(Syscall.call(SyscallNumber.RT_SIGPROCMASK, 0, 0, mask.address(), 8));
    return mask.get(ValueLayout.JAVA_LONG, 0);
  }

  @Test
  void startsTheImageWithTheKeptDescriptors() {
    TestImage program = programWithInput();
    long text = program.bytes((byte) 'o', (byte) 'k');
    program.call(Call.WRITE, cellAt(0), value(text), value(2)).demandEqual(2);
    program.exit(42);
    fillImage(program);
    keep(writeEnd);

    long pid = stub.call(parameters.address());

    assertThat(pid).isPositive();
    assertThat(childError()).isZero();
    assertThat(waitForStatus(pid)).isEqualTo(42);
    MemorySegment buffer = arena.allocate(16);
    assertThat(Syscall.call(SyscallNumber.READ, readEnd, buffer.address(), 16)).isEqualTo(2);
    assertThat(buffer.getString(0)).isEqualTo("ok");
  }

  @Test
  void descriptorThatIsNotListedIsClosedInTheChildAndOpenInTheParent() {
    TestImage program = programWithInput();
    program.call(Call.CLOSE, cellAt(0)).onErrno(EBADF, program.stepAhead(1), 0, 0);
    program.exit(1);
    program.exit(43);
    fillImage(program);

    long pid = stub.call(parameters.address());

    assertThat(waitForStatus(pid)).isEqualTo(43);
  }

  @Test
  void listedDescriptorStaysCloseOnExecInTheParent() {
    TestImage program = programWithInput();
    program.exit(0);
    fillImage(program);
    keep(writeEnd, readEnd);

    assertThat(waitForStatus(stub.call(parameters.address()))).isZero();

    int getDescriptorFlags = 1;
    for (int fd : new int[] {writeEnd, readEnd}) {
      assertThat(Syscall.call(SyscallNumber.FCNTL, fd, getDescriptorFlags)).isEqualTo(1);
    }
  }

  @Test
  void badDescriptorInTheListIsTheChildsError() {
    TestImage program = programWithInput();
    program.exit(0);
    fillImage(program);
    keep(writeEnd, -1, readEnd);

    long pid = stub.call(parameters.address());

    assertThat(childError()).isEqualTo(-EBADF);
    assertThat(waitForStatus(pid)).isEqualTo(127);
  }

  @Test
  void imageThatCannotBeExecutedIsTheChildsError() {
    long pid = stub.call(parameters.address()); // the image is empty

    assertThat(childError()).isEqualTo(-ENOEXEC);
    assertThat(waitForStatus(pid)).isEqualTo(127);
  }

  @Test
  void failedCloneIsTheResult() {
    long cloneThreadAlone = 0x10000;
    cloneArguments.set(ValueLayout.JAVA_LONG, 0, cloneThreadAlone);

    assertThat(stub.call(parameters.address())).isEqualTo(-EINVAL);
    assertThat(childError()).isZero();
  }

  @Test
  void maskIsAsBeforeWhateverHappens() {
    long found = currentMask();
    long urgentOnly = 1L << (23 - 1); // a mask that no other test can have left behind
    try {
      setMask(urgentOnly);

      waitForStatus(stub.call(parameters.address()));
      assertThat(previousMask.get(ValueLayout.JAVA_LONG, 0)).isEqualTo(urgentOnly);
      assertThat(currentMask()).isEqualTo(urgentOnly);

      cloneArguments.set(ValueLayout.JAVA_LONG, 0, -1);
      assertThat(stub.call(parameters.address())).isNegative();
      assertThat(currentMask()).isEqualTo(urgentOnly);
    } finally {
      setMask(found);
    }
  }

  private void setMask(long signals) {
    MemorySegment mask = arena.allocate(8, 8);
    mask.set(ValueLayout.JAVA_LONG, 0, signals);
    checked(
        Syscall.call(SyscallNumber.RT_SIGPROCMASK, KernelCall.SIG_SETMASK, mask.address(), 0, 8));
  }
}
