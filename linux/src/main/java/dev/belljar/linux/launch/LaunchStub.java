package dev.belljar.linux.launch;

import static dev.belljar.linux.call.Strace.check;

import dev.belljar.linux.asm.Isa;
import dev.belljar.linux.asm.MachineCode;
import dev.belljar.linux.syscall.Architecture;
import dev.belljar.linux.syscall.Syscall;
import dev.belljar.linux.syscall.SyscallNumber;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * The stub in an executable page of this process, kept until the JVM ends.
 *
 * <p>The page is never writable and executable at once. See mmap(2), mprotect(2).
 */
final class LaunchStub {
  private static final int PAGE = 64 << 10; // at least one page on every kernel
  private static final int PROT_READ_WRITE = 3;
  private static final int PROT_READ_EXEC = 5;
  private static final int MAP_PRIVATE_ANONYMOUS = 0x22;

  private static Syscall.Code code;

  private LaunchStub() {}

  /** Returns the stub, loading it at the first call. */
  static synchronized Syscall.Code code() {
    if (code == null) {
      code = new Syscall.Code("clone3", load());
    }
    return code;
  }

  private static long load() {
    Isa isa = Architecture.current() == Architecture.AARCH64 ? Isa.AARCH64 : Isa.X86_64;
    byte[] bytes = MachineCode.of(isa).stub();
    long page =
        check(
            Syscall.call(
                SyscallNumber.MMAP, 0, PAGE, PROT_READ_WRITE, MAP_PRIVATE_ANONYMOUS, -1, 0),
            () -> "mmap(NULL, 65536, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0)");
    MemorySegment.copy(
        bytes,
        0,
        MemorySegment.ofAddress(page).reinterpret(PAGE),
        ValueLayout.JAVA_BYTE,
        0,
        bytes.length);
    long result = Syscall.call(SyscallNumber.MPROTECT, page, PAGE, PROT_READ_EXEC);
    if (Syscall.failed(result)) {
      Syscall.call(SyscallNumber.MUNMAP, page, PAGE);
      check(result, () -> "mprotect(..., 65536, PROT_READ|PROT_EXEC)");
    }
    return page;
  }
}
