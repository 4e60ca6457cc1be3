package dev.belljar.rootfs.launch;

import static dev.belljar.linux.launch.ProgramBuilder.literal;

import dev.belljar.linux.Errno;
import dev.belljar.linux.call.OpenFlags;
import dev.belljar.linux.launch.Argument;
import dev.belljar.linux.launch.Operation;
import dev.belljar.linux.launch.ProgramBuilder;
import dev.belljar.linux.launch.ProgramBuilder.Label;
import dev.belljar.linux.launch.ProgramBuilder.Variable;
import dev.belljar.linux.launch.StepDraft;
import dev.belljar.linux.syscall.SyscallNumber;
import dev.belljar.linux.uapi.Uapi;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Adds the steps that find what a path leads to inside a root directory.
 *
 * <p>The kernel resolves it in one go, with symbolic links and {@code ..} kept below the root and
 * the magic links of /proc refused.
 *
 * @see <a href="https://man7.org/linux/man-pages/man2/openat2.2.html">openat2(2)</a>
 */
final class Resolution {
  // Any rename on the machine while ".." is being walked makes the kernel give up with EAGAIN.
  private static final int MOST_TRIES = 1_000;
  private static final int OPEN_HOW_SIZE = 24;

  private final ProgramBuilder program;

  Resolution(ProgramBuilder program) {
    this.program = program;
  }

  /** Opens a directory, not for reading but to stand for it. */
  StepDraft directory(Variable into, Argument root, Argument path, String name) {
    return open(
        into,
        root,
        path,
        OpenFlags.O_PATH | OpenFlags.O_DIRECTORY | OpenFlags.O_CLOEXEC,
        "O_PATH|O_DIRECTORY|O_CLOEXEC",
        name);
  }

  /** Opens anything, not for reading but to stand for it. */
  StepDraft anything(Variable into, Argument root, Argument path, String name) {
    return open(into, root, path, OpenFlags.O_PATH | OpenFlags.O_CLOEXEC, "O_PATH|O_CLOEXEC", name);
  }

  /** Opens a directory or anything below a directory, with no link on the way. */
  StepDraft beneath(
      Variable into, Argument directory, Argument path, boolean isDirectory, String name) {
    int flags = OpenFlags.O_PATH | OpenFlags.O_CLOEXEC;
    return open(
        into,
        directory,
        path,
        how(
            isDirectory ? flags | OpenFlags.O_DIRECTORY : flags,
            Uapi.RESOLVE_BENEATH() | Uapi.RESOLVE_NO_SYMLINKS() | Uapi.RESOLVE_NO_MAGICLINKS()),
        "{flags=%s, resolve=RESOLVE_BENEATH|RESOLVE_NO_SYMLINKS|RESOLVE_NO_MAGICLINKS}"
            .formatted(isDirectory ? "O_PATH|O_DIRECTORY|O_CLOEXEC" : "O_PATH|O_CLOEXEC"),
        name);
  }

  /** Opens a file of one mount for writing: no link and no other mount is on the way. */
  StepDraft toWrite(Variable into, Argument mount, Argument path, String name) {
    return ofMount(into, mount, path, OpenFlags.O_WRONLY | OpenFlags.O_CLOEXEC, name);
  }

  /** Opens a terminal of one mount, without being controlled by it; see {@link #toWrite}. */
  StepDraft toTalk(Variable into, Argument mount, Argument path, String name) {
    int flags = OpenFlags.O_RDWR | OpenFlags.O_NOCTTY | OpenFlags.O_CLOEXEC;
    return ofMount(into, mount, path, flags, name);
  }

  private StepDraft ofMount(Variable into, Argument mount, Argument path, int flags, String name) {
    long resolve =
        Uapi.RESOLVE_BENEATH()
            | Uapi.RESOLVE_NO_XDEV()
            | Uapi.RESOLVE_NO_SYMLINKS()
            | Uapi.RESOLVE_NO_MAGICLINKS();
    return open(
        into,
        mount,
        path,
        how(flags, resolve),
        "{flags=%s, resolve=RESOLVE_BENEATH|RESOLVE_NO_XDEV|RESOLVE_NO_SYMLINKS|RESOLVE_NO_MAGICLINKS}"
            .formatted(OpenFlags.text(flags)),
        name);
  }

  private StepDraft open(
      Variable into, Argument root, Argument path, int flags, String flagText, String name) {
    return open(
        into,
        root,
        path,
        how(flags, Uapi.RESOLVE_IN_ROOT() | Uapi.RESOLVE_NO_MAGICLINKS()),
        "{flags=%s, resolve=RESOLVE_IN_ROOT|RESOLVE_NO_MAGICLINKS}".formatted(flagText),
        name);
  }

  private static byte[] how(int flags, long resolve) {
    return ByteBuffer.allocate(OPEN_HOW_SIZE)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(flags)
        .putLong(0)
        .putLong(resolve)
        .array();
  }

  private StepDraft open(
      Variable into, Argument root, Argument path, byte[] how, String text, String name) {
    Variable tries = program.variable("tries");
    Label again = program.label();
    Label retry = program.label();
    Label done = program.label();
    program.place(again);
    StepDraft open =
        program
            .call(
                SyscallNumber.OPENAT2,
                root,
                path,
                program.constant(how, text),
                literal(OPEN_HOW_SIZE))
            .into(into)
            .named(name)
            .on(Errno.EAGAIN, retry)
            .remedy(Errno.ELOOP, "it leads through a link of /proc or /sys, or in circles");
    program.jump(done);
    program.place(retry);
    program.control(Operation.Control.ADD, tries.value(), literal(1)).into(tries);
    program.jumpIfLess(tries.value(), literal(MOST_TRIES), again);
    program
        .control(Operation.Control.FAIL, literal(Errno.EAGAIN.number(), "EAGAIN"))
        .named(name)
        .remedy("files were being renamed at each of 1,000 tries");
    program.place(done);
    return open;
  }
}
