package dev.belljar.linux.asm;

import static dev.belljar.linux.asm.Aarch64Register.*;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/**
 * The aarch64 stub in a program made for it, which an emulator can execute.
 *
 * <p>The emulator knows no clone3 and answers ENOSYS: that is the parent's way. The child's way is
 * executed by itself.
 */
@RunsOn(Isa.AARCH64)
class Aarch64StubTest {
  private static final int PARAMETERS = ImageLayout.DATA_ADDRESS;
  private static final int RESULT = PARAMETERS + 0x60;
  private static final int MASK_BEFORE = PARAMETERS + 0x68;
  private static final int MASK_AFTER = PARAMETERS + 0x70;
  private static final int SCRATCH = PARAMETERS + 0x80;
  private static final int DATA_SIZE = 0x400;

  private final ByteBuffer data = ByteBuffer.allocate(DATA_SIZE).order(ByteOrder.LITTLE_ENDIAN);
  private final Aarch64Assembler asm = new Aarch64Assembler();
  private int scratch = SCRATCH;

  private void set(int field, long value) {
    data.putLong(field, value);
  }

  private int put(byte[] bytes) {
    int address = scratch;
    data.put(address - PARAMETERS, bytes);
    scratch += bytes.length + 7 & -8;
    return address;
  }

  private int putString(String text) {
    return put((text + "\0").getBytes(StandardCharsets.UTF_8));
  }

  private int putLongs(long... values) {
    ByteBuffer bytes = ByteBuffer.allocate(8 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    for (long value : values) {
      bytes.putLong(value);
    }
    return put(bytes.array());
  }

  private void setAddress(Aarch64Register register, int address) {
    asm.set32(register, address & 0xffff);
    asm.setHigh32(register, address >>> 16);
  }

  private void call(KernelCall call, int... operands) {
    Aarch64Register[] registers = {X0, X1, X2, X3};
    for (int i = 0; i < operands.length; i++) {
      setAddress(registers[i], operands[i]);
    }
    asm.set32(X8, call.aarch64());
    asm.systemCall();
  }

  private ImageRun.Outcome run(byte[]... codes) {
    ByteBuffer code = ByteBuffer.allocate(ImageLayout.MAX_CODE_SIZE);
    for (byte[] part : codes) {
      code.put(part);
    }
    byte[] all = new byte[code.position()];
    code.flip().get(all);
    return ImageRun.runTraced(Isa.AARCH64, ElfImage.wrap(Isa.AARCH64, all, data.array()));
  }

  /** Gets the signal mask into memory. */
  private void getMask(int address) {
    call(KernelCall.RT_SIGPROCMASK, 0, 0, address, KernelCall.SIGNAL_SET_SIZE);
  }

  @Test
  void parentReturnsClonesResultWithItsMaskRestored() {
    set(StubLayout.CLONE_ARGS, putLongs(new long[11]));
    set(StubLayout.CLONE_ARGS_SIZE, 88);
    set(StubLayout.BLOCKED_SIGNALS, putLongs(-1));
    int previous = putLongs(0);
    set(StubLayout.PREVIOUS_SIGNALS, previous);
    byte[] stub = MachineCode.of(Isa.AARCH64).stub();
    // In front of the stub, which is run into; it returns behind itself.
    getMask(MASK_BEFORE);
    setAddress(X0, PARAMETERS);
    int sizeWithReturnAddress = asm.toBytes().length + 8;
    setAddress(X30, ImageLayout.ENTRY + sizeWithReturnAddress + stub.length);
    final byte[] prologue = asm.toBytes();
    Aarch64StubTest behind = new Aarch64StubTest();
    behind.setAddress(X9, RESULT);
    behind.asm.store64(X9, 0, X0);
    behind.getMask(MASK_AFTER);
    behind.call(KernelCall.WRITE, 1, PARAMETERS, DATA_SIZE);
    behind.call(KernelCall.EXIT_GROUP, 6);

    ImageRun.Outcome outcome = run(prologue, stub, behind.asm.toBytes());

    assertThat(outcome.status()).isEqualTo(6);
    ByteBuffer after = ByteBuffer.wrap(outcome.out()).order(ByteOrder.LITTLE_ENDIAN);
    int enosys = 38;
    int einval = 22;
    assertThat(after.getLong(RESULT - PARAMETERS)).isIn((long) -enosys, (long) -einval);
    long before = after.getLong(MASK_BEFORE - PARAMETERS);
    assertThat(after.getLong(previous - PARAMETERS)).isEqualTo(before);
    assertThat(after.getLong(MASK_AFTER - PARAMETERS)).isEqualTo(before);
  }

  @Test
  void childExecutesTheImageWithTheKeptDescriptor() {
    int shell = putString("/bin/sh");
    int path = putString("");
    int argv = putLongs(putString("sh"), putString("-c"), putString("echo $NAME >&10"), 0);
    int envp = putLongs(putString("NAME=kept"), 0);
    set(StubLayout.EMPTY_PATH, path);
    set(StubLayout.ARGV, argv);
    set(StubLayout.ENVP, envp);
    set(StubLayout.KEPT_DESCRIPTORS, putLongs(10));
    set(StubLayout.KEPT_COUNT, 1);
    int closeOnExec = 02000000;
    emitOpen(shell, closeOnExec);
    setAddress(X9, PARAMETERS + StubLayout.IMAGE);
    asm.store64(X9, 0, X0);
    emitDuplicate(1, 10, closeOnExec);
    setAddress(X9, PARAMETERS);
    Aarch64Stub.emitChild(asm);

    ImageRun.Outcome outcome = run(asm.toBytes());

    String trace = new String(outcome.err(), StandardCharsets.UTF_8);
    if (trace.contains("errno=38 (Function not implemented)")) {
      // Emulators before version 8 know no execveat either, but show its operands.
      assertThat(trace)
          .contains("fcntl(10,F_SETFD,0) = 0\n")
          .contains("execveat(3,%d,%d,%d,4096,".formatted(path, argv, envp));
      assertThat(outcome.status()).isEqualTo(127);
    } else {
      assertThat(outcome.text()).isEqualTo("kept\n");
      assertThat(outcome.status()).isZero();
    }
  }

  @Test
  void childWithABadDescriptorExits() {
    set(StubLayout.KEPT_DESCRIPTORS, putLongs(-1));
    set(StubLayout.KEPT_COUNT, 1);
    setAddress(X9, PARAMETERS);
    Aarch64Stub.emitChild(asm);

    assertThat(run(asm.toBytes()).status()).isEqualTo(127);
  }

  private void emitOpen(int path, int flags) {
    asm.set32(X0, 0); // of no account with an absolute path
    setAddress(X1, path);
    setAddress(X2, flags);
    asm.set32(X8, Call.OPENAT.number(Isa.AARCH64));
    asm.systemCall();
  }

  private void emitDuplicate(int from, int to, int flags) {
    asm.set32(X0, from);
    asm.set32(X1, to);
    setAddress(X2, flags);
    asm.set32(X8, Call.DUP3.number(Isa.AARCH64));
    asm.systemCall();
  }
}
