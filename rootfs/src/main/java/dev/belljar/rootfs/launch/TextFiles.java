package dev.belljar.rootfs.launch;

import static dev.belljar.linux.launch.ProgramBuilder.literal;

import dev.belljar.linux.Errno;
import dev.belljar.linux.launch.Argument;
import dev.belljar.linux.launch.ProgramBuilder;
import dev.belljar.linux.launch.ProgramBuilder.Label;
import dev.belljar.linux.launch.ProgramBuilder.Memory;
import dev.belljar.linux.launch.ProgramBuilder.Variable;
import dev.belljar.linux.syscall.SyscallNumber;
import dev.belljar.rootfs.MountAttribute;
import java.nio.charset.StandardCharsets;
import java.util.Set;

/**
 * Puts small files with a text of the JVM's in place of those of the root file system, which may be
 * read-only: such as {@code /etc/resolv.conf}.
 *
 * <p>Each is written on the container's own {@code /dev}, copied as a mount of its own, placed, and
 * its name is removed again. Where the root file system has no such file, nothing is placed.
 */
public final class TextFiles {
  private static final int LONGEST = 4000;
  private static final int NEW_FILE = 1 | 0100 | 0200 | 0x20000 | 0x80000;
  private static final String NEW_FILE_TEXT = "O_WRONLY|O_CREAT|O_EXCL|O_NOFOLLOW|O_CLOEXEC";
  private static final Set<MountAttribute> ATTRIBUTES =
      Set.of(
          MountAttribute.RDONLY,
          MountAttribute.NOSUID,
          MountAttribute.NODEV,
          MountAttribute.NOEXEC);

  private final MountSteps mounts;
  private final ProgramBuilder program;

  private TextFiles(ProgramBuilder program) {
    this.mounts = new MountSteps(program);
    this.program = program;
  }

  /**
   * Adds the steps for a text that is known already. They come after {@link
   * RootfsProgram#contribute}, with a root file system that has a {@code /dev} of its own.
   *
   * @param program what to add to
   * @param path the file's path, absolute
   * @param text what is in it
   */
  public static void contribute(ProgramBuilder program, String path, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    new TextFiles(program).place(path, program.memory(bytes).address(), literal(bytes.length));
  }

  /**
   * Adds the steps for a text that the JVM will have written into a pipe by then.
   *
   * @param program what to add to
   * @param path the file's path, absolute
   * @param pipe the pipe's read end, with up to 4000 bytes in it
   */
  public static void contribute(ProgramBuilder program, String path, Argument pipe) {
    Memory text = program.memory(new byte[LONGEST]);
    Variable size = program.variable("size");
    program
        .call(SyscallNumber.READ, pipe, text.address(), literal(LONGEST))
        .named("take the text of " + path)
        .into(size);
    new TextFiles(program).place(path, text.address(), size.value());
  }

  private void place(String path, Argument text, Argument size) {
    String what = "put " + path + " in place";
    Label missing = program.label();
    Variable target = mounts.descriptor("target " + path);
    new Resolution(program)
        .anything(target, MountSteps.WORKING_DIRECTORY, mounts.path(path), "look for " + path)
        .on(Errno.ENOENT, missing)
        .on(Errno.ENOTDIR, missing);
    Argument name = mounts.path("dev/.belljar-text");
    Variable file = mounts.descriptor("text of " + path);
    mounts
        .call(
            SyscallNumber.OPENAT,
            MountSteps.WORKING_DIRECTORY,
            name,
            literal(NEW_FILE, NEW_FILE_TEXT),
            literal(0644, "0644"))
        .named(what)
        .into(file);
    mounts.call(SyscallNumber.FCHMOD, file.value(), literal(0644, "0644")).named(what);
    mounts.call(SyscallNumber.WRITE, file.value(), text, size).named(what);
    program.call(SyscallNumber.CLOSE, file.value()).named(what);
    Variable mount = mounts.descriptor("mount of " + path);
    mounts.copy(mount, MountSteps.WORKING_DIRECTORY, name, false).named(what);
    mounts.restrictTree(mount, ATTRIBUTES).named(what);
    mounts.place(mount, target).named(what);
    mounts
        .call(SyscallNumber.UNLINKAT, MountSteps.WORKING_DIRECTORY, name, literal(0))
        .named("remove the name of what is mounted now");
    program.place(missing);
  }
}
