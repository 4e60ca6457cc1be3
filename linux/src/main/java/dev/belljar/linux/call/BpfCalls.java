package dev.belljar.linux.call;

import static dev.belljar.linux.call.Strace.check;

import dev.belljar.linux.Descriptor;
import dev.belljar.linux.LinuxException;
import dev.belljar.linux.syscall.Scratch;
import dev.belljar.linux.syscall.Syscall;
import dev.belljar.linux.syscall.SyscallNumber;
import dev.belljar.linux.uapi.Uapi;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/**
 * BPF programs of control groups that decide on devices: loading, attaching, looking at them.
 *
 * <p>The offsets are those of {@code union bpf_attr} and {@code struct bpf_prog_info} of {@code
 * <linux/bpf.h>}.
 *
 * @see <a href="https://man7.org/linux/man-pages/man2/bpf.2.html">bpf(2)</a>
 */
public final class BpfCalls {
  private static final int ATTACH_TYPE = Uapi.BPF_CGROUP_DEVICE();
  private static final int ALLOW_MULTI = 2; // BPF_F_ALLOW_MULTI
  private static final int REPLACE = 4; // BPF_F_REPLACE
  private static final int INSTRUCTION = 8;
  private static final int ATTRIBUTES = 128;
  private static final int TRIES = 10;
  private static final int TAG = 8;
  private static final int MOST_PROGRAMS = 64; // BPF_CGROUP_MAX_PROGS
  private static final int INFO = 128;

  /**
   * What the kernel says of a loaded program.
   *
   * @param id its number, good until it is unloaded
   * @param name the name it was loaded with
   * @param tag a digest of its instructions, in hexadecimal
   */
  public record LoadedProgram(int id, String name, String tag) {}

  private BpfCalls() {}

  /**
   * Loads a program that decides on devices.
   *
   * @param instructions the program, eight bytes an instruction
   * @param name what tools show, at most 15 letters, digits, dots or underscores
   * @return the program, which lives as long as it is open or attached
   * @throws LinuxException EPERM without CAP_BPF and CAP_NET_ADMIN; EINVAL or EACCES when the
   *     verifier refuses it
   */
  public static Descriptor loadDeviceProgram(byte[] instructions, String name) {
    try (Scratch scratch = Scratch.open()) {
      MemorySegment code = scratch.allocate(instructions.length);
      MemorySegment.copy(instructions, 0, code, ValueLayout.JAVA_BYTE, 0, instructions.length);
      MemorySegment attributes = scratch.allocate(ATTRIBUTES);
      attributes.set(ValueLayout.JAVA_INT, 0, Uapi.BPF_PROG_TYPE_CGROUP_DEVICE());
      attributes.set(ValueLayout.JAVA_INT, 4, instructions.length / INSTRUCTION);
      attributes.set(ValueLayout.JAVA_LONG, 8, code.address());
      attributes.set(ValueLayout.JAVA_LONG, 16, scratch.string("Apache-2.0"));
      byte[] bytes = name.getBytes(StandardCharsets.US_ASCII);
      MemorySegment.copy(bytes, 0, attributes, ValueLayout.JAVA_BYTE, 48, bytes.length);
      attributes.set(ValueLayout.JAVA_INT, 68, ATTACH_TYPE); // expected_attach_type
      long fd = load(attributes);
      check(fd, () -> loadText(instructions, name));
      return FileCalls.own(fd);
    }
  }

  private static long load(MemorySegment attributes) {
    long fd = call(Uapi.BPF_PROG_LOAD(), attributes);
    for (int i = 1; i < TRIES && fd == -Uapi.EAGAIN(); i++) { // a signal interrupted the verifier
      fd = call(Uapi.BPF_PROG_LOAD(), attributes);
    }
    return fd;
  }

  private static String loadText(byte[] instructions, String name) {
    return "bpf(BPF_PROG_LOAD, {BPF_PROG_TYPE_CGROUP_DEVICE, insn_cnt=%d, prog_name=\"%s\"})"
        .formatted(instructions.length / INSTRUCTION, name);
  }

  /**
   * Attaches a program to a group beside those that are there; a device is allowed when all allow
   * it, those of the groups above too.
   *
   * <p>It stays when all descriptors are closed, until it is detached or the group removed.
   *
   * @param group the group's directory, in the version 2 hierarchy
   * @param program the program
   * @throws LinuxException EPERM without CAP_NET_ADMIN, or when a group above forbids more programs
   */
  public static void attachDeviceProgram(int group, int program) {
    attach(group, program, ALLOW_MULTI, 0);
  }

  /**
   * Puts a program in the place of one that is attached to a group, at once for all its processes.
   *
   * @param group the group's directory, in the version 2 hierarchy
   * @param program the new program
   * @param old the one that is attached
   * @throws LinuxException ENOENT when the old one is not attached there
   */
  public static void replaceDeviceProgram(int group, int program, int old) {
    attach(group, program, ALLOW_MULTI | REPLACE, old);
  }

  private static void attach(int group, int program, int flags, int old) {
    try (Scratch scratch = Scratch.open()) {
      MemorySegment attributes = attachment(scratch, group, program);
      attributes.set(ValueLayout.JAVA_INT, 12, flags);
      attributes.set(ValueLayout.JAVA_INT, 16, old);
      check(
          call(Uapi.BPF_PROG_ATTACH(), attributes),
          () ->
              "bpf(BPF_PROG_ATTACH, {%d, %d, BPF_CGROUP_DEVICE, BPF_F_ALLOW_MULTI%s})"
                  .formatted(
                      group, program, (flags & REPLACE) == 0 ? "" : "|BPF_F_REPLACE, " + old));
    }
  }

  /**
   * Takes a program off a group.
   *
   * @param group the group's directory
   * @param program the program
   * @throws LinuxException ENOENT when it is not attached there
   */
  public static void detachDeviceProgram(int group, int program) {
    try (Scratch scratch = Scratch.open()) {
      check(
          call(Uapi.BPF_PROG_DETACH(), attachment(scratch, group, program)),
          () -> "bpf(BPF_PROG_DETACH, {%d, %d, BPF_CGROUP_DEVICE})".formatted(group, program));
    }
  }

  private static MemorySegment attachment(Scratch scratch, int group, int program) {
    MemorySegment attributes = scratch.allocate(ATTRIBUTES);
    attributes.set(ValueLayout.JAVA_INT, 0, group);
    attributes.set(ValueLayout.JAVA_INT, 4, program);
    attributes.set(ValueLayout.JAVA_INT, 8, ATTACH_TYPE);
    return attributes;
  }

  /**
   * Lists the programs attached to a group itself.
   *
   * @param group the group's directory
   * @return their numbers, in the order in which they run
   * @throws LinuxException EPERM without CAP_NET_ADMIN
   */
  public static List<Integer> devicePrograms(int group) {
    try (Scratch scratch = Scratch.open()) {
      MemorySegment ids = scratch.allocate(MOST_PROGRAMS * 4L);
      MemorySegment attributes = scratch.allocate(ATTRIBUTES);
      attributes.set(ValueLayout.JAVA_INT, 0, group);
      attributes.set(ValueLayout.JAVA_INT, 4, ATTACH_TYPE);
      attributes.set(ValueLayout.JAVA_LONG, 16, ids.address());
      attributes.set(ValueLayout.JAVA_INT, 24, MOST_PROGRAMS);
      check(
          call(Uapi.BPF_PROG_QUERY(), attributes),
          () -> "bpf(BPF_PROG_QUERY, {%d, BPF_CGROUP_DEVICE})".formatted(group));
      List<Integer> programs = new ArrayList<>();
      for (int i = 0; i < attributes.get(ValueLayout.JAVA_INT, 24); i++) {
        programs.add(ids.getAtIndex(ValueLayout.JAVA_INT, i));
      }
      return programs;
    }
  }

  /**
   * Opens a loaded program.
   *
   * @param id its number
   * @return the program
   * @throws LinuxException ENOENT when it is gone; EPERM without CAP_SYS_ADMIN
   */
  public static Descriptor open(int id) {
    try (Scratch scratch = Scratch.open()) {
      MemorySegment attributes = scratch.allocate(ATTRIBUTES);
      attributes.set(ValueLayout.JAVA_INT, 0, id);
      long fd = call(Uapi.BPF_PROG_GET_FD_BY_ID(), attributes);
      check(fd, () -> "bpf(BPF_PROG_GET_FD_BY_ID, " + id + ")");
      return FileCalls.own(fd);
    }
  }

  /**
   * Says which program it is.
   *
   * @param program the program
   * @return its number, name and tag
   * @throws LinuxException when the kernel refuses
   */
  public static LoadedProgram info(int program) {
    try (Scratch scratch = Scratch.open()) {
      MemorySegment info = scratch.allocate(INFO);
      MemorySegment attributes = scratch.allocate(ATTRIBUTES);
      attributes.set(ValueLayout.JAVA_INT, 0, program);
      attributes.set(ValueLayout.JAVA_INT, 4, INFO);
      attributes.set(ValueLayout.JAVA_LONG, 8, info.address());
      check(
          call(Uapi.BPF_OBJ_GET_INFO_BY_FD(), attributes),
          () -> "bpf(BPF_OBJ_GET_INFO_BY_FD, " + program + ")");
      byte[] tag = info.asSlice(8, TAG).toArray(ValueLayout.JAVA_BYTE);
      return new LoadedProgram(
          info.get(ValueLayout.JAVA_INT, 4), info.getString(64), HexFormat.of().formatHex(tag));
    }
  }

  private static long call(int command, MemorySegment attributes) {
    return Syscall.call(SyscallNumber.BPF, command, attributes.address(), ATTRIBUTES);
  }
}
