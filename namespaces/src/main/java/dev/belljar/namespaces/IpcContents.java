package dev.belljar.namespaces;

import static dev.belljar.linux.launch.ProgramBuilder.literal;
import static dev.belljar.linux.launch.ProgramBuilder.nothing;

import dev.belljar.linux.Descriptor;
import dev.belljar.linux.LinuxException;
import dev.belljar.linux.call.DirectoryCalls;
import dev.belljar.linux.call.FileCalls;
import dev.belljar.linux.call.OpenFlags;
import dev.belljar.linux.launch.Argument;
import dev.belljar.linux.launch.ProgramBuilder;
import dev.belljar.linux.syscall.SyscallNumber;
import dev.belljar.linux.uapi.Uapi;
import dev.belljar.namespaces.inside.OneShot;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * What is in an IPC namespace, as {@code ipcs} and {@code ls /dev/mqueue} show it inside.
 *
 * @param queues the System V message queues
 * @param semaphores the System V semaphore sets
 * @param segments the System V shared memory segments
 * @param posixQueues the names of the POSIX message queues, without a slash
 * @see <a href="https://man7.org/linux/man-pages/man7/ipc_namespaces.7.html">ipc_namespaces(7)</a>
 * @see <a href="https://man7.org/linux/man-pages/man5/proc_sysvipc.5.html">proc_sysvipc(5)</a>
 */
public record IpcContents(
    List<MessageQueue> queues,
    List<SemaphoreSet> semaphores,
    List<SharedMemory> segments,
    List<String> posixQueues) {
  private static final int CHUNK = 32 << 10;
  private static final int FSCONFIG_CMD_CREATE = 6;

  /**
   * A message queue.
   *
   * @param key what it was made with, 0 for a private one
   * @param id the identifier, which means another queue in another namespace
   * @param permissions the low nine bits of its mode
   * @param bytes how many bytes are in it
   * @param messages how many messages are in it
   */
  public record MessageQueue(int key, int id, int permissions, long bytes, long messages) {}

  /**
   * A set of semaphores.
   *
   * @param key what it was made with, 0 for a private one
   * @param id the identifier
   * @param permissions the low nine bits of its mode
   * @param count how many semaphores it has
   */
  public record SemaphoreSet(int key, int id, int permissions, long count) {}

  /**
   * A segment of shared memory.
   *
   * @param key what it was made with, 0 for a private one
   * @param id the identifier
   * @param permissions the low nine bits of its mode
   * @param bytes its size
   * @param attached how often it is attached now
   */
  public record SharedMemory(int key, int id, int permissions, long bytes, long attached) {}

  /** Copies the lists. */
  public IpcContents {
    queues = List.copyOf(queues);
    semaphores = List.copyOf(semaphores);
    segments = List.copyOf(segments);
    posixQueues = List.copyOf(posixQueues);
  }

  /**
   * Looks into a namespace.
   *
   * @param namespace an IPC namespace
   * @return what is in it now
   * @throws IllegalArgumentException when it is of another kind
   * @throws LinuxException EPERM when this user may not enter
   */
  public static IpcContents of(Namespace namespace) {
    if (namespace.type() != NamespaceType.IPC) {
      throw new IllegalArgumentException(namespace + " is no IPC namespace");
    }
    return new IpcContents(
        rows(namespace, "msg").stream()
            .map(r -> new MessageQueue(key(r), id(r), mode(r), number(r, 3), number(r, 4)))
            .toList(),
        rows(namespace, "sem").stream()
            .map(r -> new SemaphoreSet(key(r), id(r), mode(r), number(r, 3)))
            .toList(),
        // key shmid perms size cpid lpid nattch
        rows(namespace, "shm").stream()
            .map(r -> new SharedMemory(key(r), id(r), mode(r), number(r, 3), number(r, 6)))
            .toList(),
        posixQueues(namespace));
  }

  private static List<String[]> rows(Namespace namespace, String kind) {
    try (Descriptor file = namespace.openFile("/proc/sysvipc/" + kind, OpenFlags.O_RDONLY)) {
      return rows(new String(FileCalls.readAll(file.number()), StandardCharsets.US_ASCII));
    }
  }

  /** Returns the fields of each line below the heading. */
  static List<String[]> rows(String table) {
    return table.lines().skip(1).map(line -> line.strip().split(" +", -1)).toList();
  }

  private static int key(String[] row) {
    return (int) number(row, 0); // a key above 2^31 is printed as negative
  }

  private static int id(String[] row) {
    return (int) number(row, 1);
  }

  private static int mode(String[] row) {
    return Integer.parseInt(row[2], 8) & 0777;
  }

  private static long number(String[] row, int column) {
    return Long.parseLong(row[column]);
  }

  // Through a mount of the namespace's own queues, in a mount namespace that ends at once.
  private static List<String> posixQueues(Namespace namespace) {
    ProgramBuilder.Variable[] directory = new ProgramBuilder.Variable[1];
    byte[] records =
        OneShot.run(
            namespace.descriptor(),
            NamespaceType.IPC.flag(),
            program -> directory[0] = mount(program),
            (program, output) -> list(program, directory[0].value(), output));
    List<String> names = new ArrayList<>();
    for (DirectoryCalls.Entry entry : DirectoryCalls.entries(records)) {
      names.add(new String(entry.name(), StandardCharsets.UTF_8));
    }
    return names.stream().sorted().toList();
  }

  private static ProgramBuilder.Variable mount(ProgramBuilder program) {
    ProgramBuilder.Variable fd = program.variable("file system");
    program
        .call(SyscallNumber.UNSHARE, literal(Uapi.CLONE_NEWNS(), "CLONE_NEWNS"))
        .named("make a mount namespace");
    program
        .call(SyscallNumber.FSOPEN, program.string("mqueue"), literal(0))
        .named("open the message queues")
        .into(fd);
    program
        .call(
            SyscallNumber.FSCONFIG,
            fd.value(),
            literal(FSCONFIG_CMD_CREATE, "FSCONFIG_CMD_CREATE"),
            nothing(),
            nothing(),
            literal(0))
        .named("find the message queues of the namespace");
    program
        .call(SyscallNumber.FSMOUNT, fd.value(), literal(0), literal(0))
        .named("mount the message queues")
        .into(fd);
    program
        .call(
            SyscallNumber.OPENAT,
            fd.value(),
            program.string("."),
            literal(OpenFlags.O_DIRECTORY, "O_DIRECTORY"))
        .named("open the directory of the message queues")
        .into(fd);
    return fd;
  }

  private static void list(ProgramBuilder program, Argument directory, Argument output) {
    ProgramBuilder.Memory records = program.memory(new byte[CHUNK]);
    ProgramBuilder.Variable count = program.variable("bytes");
    ProgramBuilder.Label next = program.label();
    ProgramBuilder.Label end = program.label();
    program.place(next);
    program
        .call(SyscallNumber.GETDENTS64, directory, records.address(), literal(CHUNK))
        .named("list the message queues")
        .into(count);
    program.jumpIfEqual(count.value(), literal(0), end);
    program
        .call(SyscallNumber.WRITE, output, records.address(), count.value())
        .named("pass the names");
    program.jump(next);
    program.place(end);
  }
}
