package dev.belljar.rootfs.launch;

import static dev.belljar.linux.launch.ProgramBuilder.literal;

import dev.belljar.linux.BytePath;
import dev.belljar.linux.Errno;
import dev.belljar.linux.launch.Argument;
import dev.belljar.linux.launch.ProgramBuilder;
import dev.belljar.linux.launch.ProgramBuilder.Label;
import dev.belljar.linux.launch.ProgramBuilder.Memory;
import dev.belljar.linux.launch.ProgramBuilder.Variable;
import dev.belljar.linux.syscall.SyscallNumber;
import dev.belljar.rootfs.MountAttribute;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;

/**
 * Puts small files with a text of the JVM's in place of those of the root file system, which may be
 * read-only: such as {@code /etc/resolv.conf}.
 *
 * <p>Each is written on the container's own {@code /dev} while nothing of anybody else's has been
 * mounted there, and copied as a mount of its own. It is placed when everything else is. Its name
 * is removed last: what has none can neither be placed nor be mounted over. Where the root file
 * system has no such file, nothing is placed.
 */
final class TextFiles {
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
  private final List<OwnFiles.Text> texts;
  private final Supplier<Argument> channel;
  private final List<Variable> taken = new ArrayList<>();

  /**
   * Begins.
   *
   * @param mounts what to add to
   * @param texts the texts
   * @param channel where those are read that the JVM will have written by then
   */
  TextFiles(MountSteps mounts, List<OwnFiles.Text> texts, Supplier<Argument> channel) {
    this.mounts = mounts;
    this.program = mounts.program();
    this.texts = texts;
    this.channel = channel;
  }

  /** Makes the files in a new /dev. */
  void take(Variable dev) {
    for (OwnFiles.Text text : texts) {
      if (text.text().isPresent()) {
        byte[] bytes = text.text().get().getBytes(StandardCharsets.UTF_8);
        take(dev, text.path(), program.memory(bytes).address(), literal(bytes.length));
      } else {
        Memory memory = program.memory(new byte[LONGEST]);
        Variable size = program.variable("size");
        program
            .call(SyscallNumber.READ, channel.get(), memory.address(), literal(LONGEST))
            .named("take the text of " + text.path())
            .into(size);
        take(dev, text.path(), memory.address(), size.value());
      }
    }
  }

  private void take(Variable dev, BytePath path, Argument text, Argument size) {
    String what = "write " + path;
    Argument name = name(taken.size());
    Variable file = mounts.descriptor("text of " + path);
    mounts
        .call(
            SyscallNumber.OPENAT,
            dev.value(),
            name,
            literal(NEW_FILE, NEW_FILE_TEXT),
            literal(0644, "0644"))
        .named(what)
        .into(file);
    mounts.call(SyscallNumber.FCHMOD, file.value(), literal(0644, "0644")).named(what);
    mounts.call(SyscallNumber.WRITE, file.value(), text, size).named(what);
    program.call(SyscallNumber.CLOSE, file.value()).named(what);
    Variable mount = mounts.descriptor("mount of " + path);
    mounts.copy(mount, dev.value(), name, false).named(what);
    mounts.restrictTree(mount, ATTRIBUTES).named(what);
    taken.add(mount);
  }

  private Argument name(int index) {
    return mounts.path(".belljar-text-" + index);
  }

  /** Places those whose file is there. */
  void place(MountTargets targets) {
    for (int i = 0; i < texts.size(); i++) {
      BytePath path = texts.get(i).path();
      String what = "put " + path + " in place";
      Label missing = program.label();
      Variable target = mounts.descriptor("target " + path);
      targets.find(target, path, false, what).on(Errno.ENOENT, missing).on(Errno.ENOTDIR, missing);
      targets.cover(taken.get(i), target, path, what);
      program.place(missing);
    }
  }

  /** Removes their names, once nothing is mounted over them any more. */
  void removeNames(Variable dev) {
    for (int i = 0; i < taken.size(); i++) {
      mounts
          .call(SyscallNumber.UNLINKAT, dev.value(), name(i), literal(0))
          .named("remove the name of what is mounted now")
          .ignore(Errno.EBUSY); // hidden through a link: then something is mounted over it
    }
  }
}
