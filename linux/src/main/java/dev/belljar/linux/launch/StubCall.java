package dev.belljar.linux.launch;

import dev.belljar.linux.Descriptor;
import dev.belljar.linux.LinuxException;
import dev.belljar.linux.asm.ImageLayout;
import dev.belljar.linux.asm.StubLayout;
import dev.belljar.linux.call.Closing;
import dev.belljar.linux.syscall.Scratch;
import dev.belljar.linux.syscall.Syscall;
import dev.belljar.linux.syscall.SyscallNumber;
import dev.belljar.linux.uapi.Uapi;
import dev.belljar.linux.uapi.clone_args;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.ref.Reference;

/**
 * The call of the stub: one clone3 whose child executes an image.
 *
 * @see <a href="https://man7.org/linux/man-pages/man2/clone.2.html">clone3(2)</a>
 */
final class StubCall {
  private static final long ALWAYS =
      Uapi.CLONE_VM() | Uapi.CLONE_VFORK() | Uapi.CLONE_PIDFD() | Uapi.CLONE_CLEAR_SIGHAND();
  private static final int SIGCHLD = 17;

  private StubCall() {}

  /**
   * Makes the call on this thread, which is blocked until the child's exec.
   *
   * @return the child, being watched
   * @throws LinuxException when the clone or the child's exec fails
   */
  static Child make(Launch launch, Descriptor report) {
    Syscall.Code stub = LaunchStub.code();
    try (Scratch scratch = Scratch.open()) {
      MemorySegment pidfd = scratch.allocate(8);
      MemorySegment arguments = cloneArguments(scratch, launch, pidfd);
      MemorySegment parameters = parameters(scratch, launch, report, arguments);
      long pid = stub.call(parameters.address());
      if (Syscall.failed(pid)) {
        throw CloneFailure.explain((int) -pid, launch.namespaces(), launch.cgroup().isPresent());
      }
      Child child = Child.adopt((int) pid, Descriptor.owning(pidfd.get(ValueLayout.JAVA_INT, 0)));
      int error = (int) -parameters.get(ValueLayout.JAVA_LONG, StubLayout.CHILD_ERROR);
      if (error != 0) {
        LinuxException failure = execFailure(error, launch);
        Closing.after(failure, () -> child.await(-1)); // it has exited, and nothing else happened
        throw failure;
      }
      return child;
    } finally {
      Reference.reachabilityFence(launch); // the kernel has read the vector's memory by address
    }
  }

  private static LinuxException execFailure(int error, Launch launch) {
    String doing = "executing the launch image";
    for (int fd : launch.descriptors()) {
      // The stub does not say which call it was, but a bad descriptor is found again.
      if (error == Uapi.EBADF()
          && Syscall.call(SyscallNumber.FCNTL, fd, Uapi.F_GETFD()) == -Uapi.EBADF()) {
        return new LinuxException(error, "fcntl(" + fd + ", F_SETFD, 0)", doing, "");
      }
    }
    String call =
        "execveat(%d, \"\", ..., AT_EMPTY_PATH)".formatted(launch.image().descriptor().number());
    return new LinuxException(error, call, doing, "");
  }

  private static MemorySegment cloneArguments(Scratch scratch, Launch launch, MemorySegment pidfd) {
    MemorySegment arguments = scratch.allocate(clone_args.sizeof());
    long flags = ALWAYS | launch.namespaces();
    if (launch.cgroup().isPresent()) {
      flags |= Uapi.CLONE_INTO_CGROUP();
      clone_args.cgroup(arguments, launch.cgroup().get().number());
    }
    clone_args.flags(arguments, flags);
    clone_args.pidfd(arguments, pidfd.address());
    clone_args.exit_signal(arguments, SIGCHLD);
    return arguments;
  }

  private static MemorySegment parameters(
      Scratch scratch, Launch launch, Descriptor report, MemorySegment cloneArguments) {
    int count = launch.descriptors().size() + 1;
    MemorySegment kept = scratch.allocate(4L * count);
    MemorySegment table = scratch.allocate((long) ImageLayout.DESCRIPTOR_SIZE * count + 1);
    putDescriptor(kept, table, 0, report.number());
    for (int i = 1; i < count; i++) {
      putDescriptor(kept, table, i, launch.descriptors().get(i - 1));
    }
    MemorySegment pointers = launch.vector().arguments();
    MemorySegment argv = scratch.allocate(pointers.byteSize());
    argv.copyFrom(pointers);
    argv.set(ValueLayout.JAVA_LONG, 0, table.address());
    MemorySegment allSignals = scratch.allocate(8);
    allSignals.set(ValueLayout.JAVA_LONG, 0, -1L);

    MemorySegment parameters = scratch.allocate(StubLayout.SIZE);
    put(parameters, StubLayout.CLONE_ARGS, cloneArguments.address());
    put(parameters, StubLayout.CLONE_ARGS_SIZE, clone_args.sizeof());
    put(parameters, StubLayout.KEPT_DESCRIPTORS, kept.address());
    put(parameters, StubLayout.KEPT_COUNT, count);
    put(parameters, StubLayout.IMAGE, launch.image().descriptor().number());
    put(parameters, StubLayout.ARGV, argv.address());
    put(parameters, StubLayout.ENVP, launch.vector().environment().address());
    put(parameters, StubLayout.BLOCKED_SIGNALS, allSignals.address());
    put(parameters, StubLayout.PREVIOUS_SIGNALS, scratch.allocate(8).address());
    put(parameters, StubLayout.EMPTY_PATH, scratch.allocate(1).address());
    return parameters;
  }

  private static void put(MemorySegment parameters, int offset, long value) {
    parameters.set(ValueLayout.JAVA_LONG, offset, value);
  }

  // Seven bits a byte with the top bit set: a string without NUL, as argv[0] must be.
  private static void putDescriptor(MemorySegment kept, MemorySegment table, int index, int fd) {
    kept.setAtIndex(ValueLayout.JAVA_INT, index, fd);
    for (int i = 0; i < ImageLayout.DESCRIPTOR_SIZE; i++) {
      table.set(
          ValueLayout.JAVA_BYTE,
          (long) ImageLayout.DESCRIPTOR_SIZE * index + i,
          (byte) (0x80 | fd >> 7 * i));
    }
  }
}
