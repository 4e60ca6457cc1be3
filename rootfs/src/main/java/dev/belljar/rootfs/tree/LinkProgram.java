package dev.belljar.rootfs.tree;

import static dev.belljar.linux.launch.ProgramBuilder.literal;
import static dev.belljar.linux.launch.ProgramBuilder.nothing;

import dev.belljar.linux.Errno;
import dev.belljar.linux.call.OpenFlags;
import dev.belljar.linux.launch.Argument;
import dev.belljar.linux.launch.LaunchProgram;
import dev.belljar.linux.launch.Operation;
import dev.belljar.linux.launch.ProgramBuilder;
import dev.belljar.linux.launch.Report;
import dev.belljar.linux.syscall.SyscallNumber;

/** What a process does that makes what stands in a {@link LinkList}. */
final class LinkProgram {
  private static final int SEEK_END = 2;
  private static final int PROT_READ_WRITE = 3;
  private static final int MAP_SHARED_POPULATE = 0x8001;
  private static final int DIRECTORY =
      OpenFlags.O_PATH | OpenFlags.O_DIRECTORY | OpenFlags.O_NOFOLLOW;

  private LinkProgram() {}

  /** Returns the program, which is handed the directory to make all in, and the list. */
  static LaunchProgram of() {
    ProgramBuilder program = new ProgramBuilder();
    Argument top = program.input("directory");
    Argument file = program.input("list");
    ProgramBuilder.Variable size = program.variable("size");
    ProgramBuilder.Variable list = program.variable("list");
    ProgramBuilder.Variable entry = program.variable("entry");
    ProgramBuilder.Variable name = program.variable("name");
    ProgramBuilder.Variable text = program.variable("text");
    ProgramBuilder.Variable directory = program.variable("directory", -1);
    ProgramBuilder.Label next = program.label();
    ProgramBuilder.Label link = program.label();
    ProgramBuilder.Label end = program.label();

    program.call(SyscallNumber.LSEEK, file, literal(0), literal(SEEK_END, "SEEK_END")).into(size);
    program
        .call(
            SyscallNumber.MMAP,
            nothing(),
            size.value(),
            literal(PROT_READ_WRITE, "PROT_READ|PROT_WRITE"),
            literal(MAP_SHARED_POPULATE, "MAP_SHARED|MAP_POPULATE"),
            file,
            literal(0))
        .into(list);
    program.control(
        Operation.Control.STORE64, list.value(), literal(LinkList.ADDRESS), list.value());
    add(program, list, LinkList.FIRST, entry);

    program.place(next);
    program.control(
        Operation.Control.STORE64, list.value(), literal(LinkList.CURRENT), entry.value());
    load(program, entry, LinkList.SIZE, size);
    program.jumpIfEqual(size.value(), literal(0), end);
    add(program, entry, LinkList.TEXT, text);
    load(program, entry, LinkList.NAME, name);
    program.jumpUnlessEqual(name.value(), literal(0), link);

    program.call(SyscallNumber.CLOSE, directory.value()).ignoreAll();
    program
        .call(SyscallNumber.MKDIRAT, top, text.value(), literal(TreeMaker.MODE))
        .ignore(Errno.EEXIST); // another process needs it, too
    program
        .call(
            SyscallNumber.OPENAT,
            top,
            text.value(),
            literal(DIRECTORY, OpenFlags.text(DIRECTORY)),
            literal(0))
        .into(directory);
    program.control(Operation.Control.ADD, entry.value(), size.value()).into(entry);
    program.jump(next);

    program.place(link);
    program.control(Operation.Control.ADD, entry.value(), name.value()).into(name);
    program.call(SyscallNumber.SYMLINKAT, text.value(), directory.value(), name.value());
    program.control(Operation.Control.ADD, entry.value(), size.value()).into(entry);
    program.jump(next);

    program.place(end);
    Report.addReady(program);
    program.exit(0);
    return program.build();
  }

  private static void add(
      ProgramBuilder program,
      ProgramBuilder.Variable address,
      int offset,
      ProgramBuilder.Variable sum) {
    program.control(Operation.Control.ADD, address.value(), literal(offset)).into(sum);
  }

  private static void load(
      ProgramBuilder program,
      ProgramBuilder.Variable address,
      int offset,
      ProgramBuilder.Variable value) {
    program.control(Operation.Control.LOAD32, address.value(), literal(offset)).into(value);
  }
}
