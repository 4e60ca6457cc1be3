package dev.belljar.program;

import static dev.belljar.linux.launch.ProgramBuilder.literal;
import static dev.belljar.linux.launch.ProgramBuilder.nothing;

import dev.belljar.linux.launch.Argument;
import dev.belljar.linux.launch.ProgramBuilder;
import dev.belljar.linux.syscall.SyscallNumber;
import dev.belljar.linux.uapi.Uapi;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/**
 * Who a process is and what it may do, given up in the order that the kernel's rules force: the
 * bounding set while CAP_SETPCAP is there, groups before the user, capabilities last.
 *
 * @see <a href="https://man7.org/linux/man-pages/man7/capabilities.7.html">capabilities(7)</a>
 */
final class IdentitySteps {
  private static final int CAPABILITY_VERSION_3 = 0x20080522;
  private static final int HALF = 32;

  private IdentitySteps() {}

  /** Becomes the user that a process is to run as, with the capabilities it is to have. */
  static void become(ProgramBuilder program, ProcessSettings process) {
    if (process.keepsUser()) {
      setCapabilities(program, Capabilities.NONE);
      return;
    }
    Credentials who = process.credentials();
    limitBoundingSet(program, process.capabilities());
    if (process.setgroups()) {
      program
          .call(
              SyscallNumber.SETGROUPS,
              literal(who.groups().size()),
              who.groups().isEmpty() ? nothing() : program.constant(ids(who.groups())))
          .named("set the supplementary groups");
    }
    Argument gid = literal(who.gid());
    program.call(SyscallNumber.SETRESGID, gid, gid, gid).named("become group " + who.gid());
    Argument uid = literal(who.uid());
    program.call(SyscallNumber.SETRESUID, uid, uid, uid).named("become user " + who.uid());
    setCapabilities(program, who.isRoot() ? process.capabilities() : Capabilities.NONE);
  }

  private static byte[] ids(List<Long> ids) {
    ByteBuffer bytes =
        ByteBuffer.allocate(Integer.BYTES * ids.size()).order(ByteOrder.LITTLE_ENDIAN);
    ids.forEach(id -> bytes.putInt((int) (long) id));
    return bytes.array();
  }

  private static void limitBoundingSet(ProgramBuilder program, long bounding) {
    for (int capability = 0; capability <= Capabilities.lastOfKernel(); capability++) {
      if ((bounding >> capability & 1) == 0) {
        program
            .call(
                SyscallNumber.PRCTL,
                literal(Uapi.PR_CAPBSET_DROP(), "PR_CAPBSET_DROP"),
                literal(capability))
            .named("drop a capability from the bounding set");
      }
    }
  }

  /** Sets the permitted and effective sets; the inheritable set, and with it ambient, is empty. */
  static void setCapabilities(ProgramBuilder program, long capabilities) {
    byte[] header =
        ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putInt(CAPABILITY_VERSION_3).array();
    ByteBuffer data = ByteBuffer.allocate(24).order(ByteOrder.LITTLE_ENDIAN);
    for (int shift = 0; shift <= HALF; shift += HALF) {
      int half = (int) (capabilities >>> shift);
      data.putInt(half).putInt(half).putInt(0); // effective, permitted, inheritable
    }
    program
        .call(SyscallNumber.CAPSET, program.constant(header), program.constant(data.array()))
        .named("set the capabilities");
  }

  /** Gives up gaining privilege through any later exec. */
  static void noNewPrivileges(ProgramBuilder program) {
    program
        .call(
            SyscallNumber.PRCTL,
            literal(Uapi.PR_SET_NO_NEW_PRIVS(), "PR_SET_NO_NEW_PRIVS"),
            literal(1))
        .named("give up gaining privileges");
  }
}
