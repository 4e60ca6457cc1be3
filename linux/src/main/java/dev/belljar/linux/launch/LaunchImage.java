package dev.belljar.linux.launch;

import static dev.belljar.linux.call.Strace.check;

import dev.belljar.linux.Descriptor;
import dev.belljar.linux.LinuxException;
import dev.belljar.linux.call.Closing;
import dev.belljar.linux.call.FileCalls;
import dev.belljar.linux.syscall.Architecture;
import dev.belljar.linux.syscall.Scratch;
import dev.belljar.linux.syscall.Syscall;
import dev.belljar.linux.syscall.SyscallNumber;
import dev.belljar.linux.uapi.Uapi;

/**
 * A program as an executable file in memory, sealed so that nothing can change it.
 *
 * <p>It holds code and steps only: arguments and environment travel with each launch. So it can be
 * kept and started again, and a process that looks at it through {@code /proc/<pid>/exe} learns
 * nothing and can overwrite nothing of the host's.
 *
 * @see <a href="https://man7.org/linux/man-pages/man2/memfd_create.2.html">memfd_create(2)</a>
 */
public final class LaunchImage implements AutoCloseable {
  private static final int MFD_EXEC = 0x10; // since Linux 6.3
  private static final int F_ADD_SEALS = 1033;
  private static final int ALL_SEALS = 0xf; // SEAL, SHRINK, GROW, WRITE

  private final LaunchProgram program;
  private final Descriptor memfd;

  private LaunchImage(LaunchProgram program, Descriptor memfd) {
    this.program = program;
    this.memfd = memfd;
  }

  /**
   * Writes a program into a new image.
   *
   * @param program the program
   * @return the image, to be closed
   * @throws LinuxException when the kernel refuses; EACCES when the sysctl {@code vm.memfd_noexec}
   *     is 2
   */
  public static LaunchImage of(LaunchProgram program) {
    Descriptor memfd = create();
    try {
      FileCalls.write(memfd.number(), ProgramEncoder.executable(program, Architecture.current()));
      int fd = memfd.number();
      check(
          Syscall.call(SyscallNumber.FCNTL, fd, F_ADD_SEALS, ALL_SEALS),
          () ->
              "fcntl(%d, F_ADD_SEALS, F_SEAL_SEAL|F_SEAL_SHRINK|F_SEAL_GROW|F_SEAL_WRITE)"
                  .formatted(fd));
      return new LaunchImage(program, memfd);
    } catch (RuntimeException | Error failure) {
      Closing.after(failure, memfd);
      throw failure;
    }
  }

  private static Descriptor create() {
    try (Scratch scratch = Scratch.open()) {
      long name = scratch.string("belljar");
      int flags = Uapi.MFD_CLOEXEC() | Uapi.MFD_ALLOW_SEALING();
      long fd = Syscall.call(SyscallNumber.MEMFD_CREATE, name, flags | MFD_EXEC);
      if (fd == -Uapi.EINVAL()) {
        fd = Syscall.call(SyscallNumber.MEMFD_CREATE, name, flags);
      }
      if (Syscall.failed(fd)) {
        LinuxException failure =
            new LinuxException(
                (int) -fd, "memfd_create(\"belljar\", MFD_CLOEXEC|MFD_ALLOW_SEALING|MFD_EXEC)");
        throw fd == -Uapi.EACCES()
            ? failure.withRemedy("set the sysctl vm.memfd_noexec to 0 or 1")
            : failure;
      }
      return FileCalls.own(fd);
    }
  }

  /** Returns the program it holds. */
  public LaunchProgram program() {
    return program;
  }

  /**
   * Returns the file's descriptor.
   *
   * @throws IllegalStateException when the image has been closed
   */
  public Descriptor descriptor() {
    return memfd;
  }

  /** Frees the image; processes started from it are not affected. */
  @Override
  public void close() {
    memfd.close();
  }
}
