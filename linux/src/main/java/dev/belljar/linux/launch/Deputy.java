package dev.belljar.linux.launch;

import static dev.belljar.linux.call.Strace.check;

import dev.belljar.linux.Descriptor;
import dev.belljar.linux.Errno;
import dev.belljar.linux.IdMap;
import dev.belljar.linux.LinuxException;
import dev.belljar.linux.call.Closing;
import dev.belljar.linux.call.DescriptorPassing;
import dev.belljar.linux.call.FileCalls;
import dev.belljar.linux.call.Pipe;
import dev.belljar.linux.syscall.Elsewhere;
import dev.belljar.linux.syscall.Scratch;
import dev.belljar.linux.syscall.Syscall;
import dev.belljar.linux.syscall.SyscallNumber;
import dev.belljar.linux.uapi.Uapi;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * A process in a USER namespace of its own that works on files for this JVM, with the rights of the
 * namespace's root over the files of all ids in its map: a JVM cannot enter one itself, since it
 * has many threads. It ends with this JVM at the latest.
 */
public final class Deputy implements AutoCloseable {
  private static final long DEADLINE_NANOS = TimeUnit.SECONDS.toNanos(30);
  private static final int SIZE = 1 << 20;
  private static final int FIRST_FREE = 64;
  private static final int PROT_READ_WRITE = 3;
  private static final int MAP_SHARED = 1;
  private static final byte[] WORD = {1, 0, 0, 0, 0, 0, 0, 0};

  private final MemorySegment memory;
  private final Descriptor socket;
  private final Child child;

  private Deputy(MemorySegment memory, Descriptor socket, Child child) {
    this.memory = memory;
    this.socket = socket;
    this.child = child;
  }

  /**
   * Works on files as an ordinary user whose containers leave files of other ids. As long as this
   * user may do it, it is done by this JVM. When it is refused, and the user was granted
   * subordinate ids, it is done once more, by a deputy.
   *
   * @param work what to do, twice if need be; descriptors that it opens are closed in it
   * @return what it returned
   * @throws LinuxException what it threw
   */
  public static <T> T asOwnerOfIds(Supplier<T> work) {
    try {
      return work.get();
    } catch (LinuxException refused) {
      boolean helps = refused.is(Errno.EACCES) || refused.is(Errno.EPERM);
      if (!helps || Syscall.call(SyscallNumber.GETEUID) == 0) {
        throw refused;
      }
      Optional<IdMap> granted = GrantedIds.map();
      if (granted.isEmpty()) {
        throw refused;
      }
      try (Deputy deputy = start(granted.get())) {
        return deputy.run(work);
      } catch (RuntimeException | Error failure) {
        failure.addSuppressed(refused);
        throw failure;
      }
    }
  }

  /**
   * Starts one.
   *
   * @param map the ids in its namespace, root among them
   * @throws LinuxException when it cannot be started, or may not have the ids; nothing is left
   */
  public static Deputy start(IdMap map) {
    try (Descriptor file = makeFile()) {
      MemorySegment memory = map(file);
      try {
        return launch(file, memory, map);
      } catch (RuntimeException | Error failure) {
        Closing.after(failure, () -> unmap(memory));
        throw failure;
      }
    }
  }

  private static Deputy launch(Descriptor file, MemorySegment memory, IdMap map) {
    Pipe sockets = DescriptorPassing.socketPair();
    Descriptor mine = sockets.read();
    try {
      // Only the process may hold its end, so that its death is seen at the other.
      try (Descriptor its = sockets.write();
          LaunchImage image = LaunchImage.of(DeputyProgram.of(memory.address(), SIZE))) {
        Child child =
            Launcher.start(
                new Launch(
                    image,
                    ExecVector.of(List.of(), List.of()),
                    0,
                    Uapi.CLONE_NEWUSER(),
                    Optional.empty(),
                    List.of(its.number(), file.number()),
                    false,
                    Optional.empty(),
                    DEADLINE_NANOS));
        IdMapFiles.write(child.pid(), map);
        return new Deputy(memory, mine, child);
      }
    } catch (RuntimeException | Error failure) {
      Closing.after(failure, mine); // which ends the process
      throw failure;
    }
  }

  private static Descriptor makeFile() {
    try (Scratch scratch = Scratch.open()) {
      long name = scratch.string("belljar deputy");
      long fd = Syscall.call(SyscallNumber.MEMFD_CREATE, name, Uapi.MFD_CLOEXEC());
      Descriptor file =
          FileCalls.own(check(fd, () -> "memfd_create(\"belljar deputy\", MFD_CLOEXEC)"));
      try {
        check(
            Syscall.call(SyscallNumber.FTRUNCATE, file.number(), SIZE),
            () -> "ftruncate(" + file.number() + ", " + SIZE + ")");
        return file;
      } catch (RuntimeException | Error failure) {
        Closing.after(failure, file);
        throw failure;
      }
    }
  }

  private static MemorySegment map(Descriptor file) {
    long address =
        Syscall.call(SyscallNumber.MMAP, 0, SIZE, PROT_READ_WRITE, MAP_SHARED, file.number(), 0);
    check(address, () -> "mmap(NULL, %d, PROT_READ|PROT_WRITE, MAP_SHARED, ...)".formatted(SIZE));
    return MemorySegment.ofAddress(address).reinterpret(SIZE);
  }

  private static void unmap(MemorySegment memory) {
    check(Syscall.call(SyscallNumber.MUNMAP, memory.address(), SIZE), () -> "munmap(...)");
  }

  /**
   * Runs something whose system calls on files the process makes.
   *
   * @param work what to do; descriptors that it opens are closed in it
   * @return what it returned
   * @throws LinuxException what it threw; ESRCH when the process has ended
   */
  public <T> T run(Supplier<T> work) {
    return Elsewhere.run(this::call, memory.asSlice(FIRST_FREE), work);
  }

  private long call(SyscallNumber number, long... operands) {
    memory.set(ValueLayout.JAVA_LONG, DeputyProgram.CODE, number.ordinal());
    MemorySegment.copy(
        operands, 0, memory, ValueLayout.JAVA_LONG, DeputyProgram.OPERANDS, operands.length);
    DescriptorPassing.send(socket.number(), WORD);
    if (DescriptorPassing.receive(socket.number()).isEmpty()) {
      throw new LinuxException(
          Errno.ESRCH.number(), number + "(...)", "working on files in a user namespace", "");
    }
    return memory.get(ValueLayout.JAVA_LONG, DeputyProgram.RESULT);
  }

  /** Ends the process. */
  @Override
  public void close() {
    List<AutoCloseable> all =
        List.of(socket, () -> unmap(memory), () -> child.await(DEADLINE_NANOS));
    Closing.all(all);
  }
}
