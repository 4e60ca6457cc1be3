package dev.belljar.namespaces.inside;

import static dev.belljar.linux.launch.ProgramBuilder.literal;

import dev.belljar.linux.launch.ProgramBuilder;
import dev.belljar.linux.syscall.SyscallNumber;
import dev.belljar.linux.uapi.Uapi;
import java.nio.charset.StandardCharsets;

/** Sets the names of a UTS namespace. */
public final class NameSteps {
  private NameSteps() {}

  /**
   * Sets the host name.
   *
   * @param program the program, which has an own UTS by now
   * @param name the name, 1 to 64 bytes
   * @see <a href="https://man7.org/linux/man-pages/man2/sethostname.2.html">sethostname(2)</a>
   */
  public static void hostname(ProgramBuilder program, String name) {
    set(program, SyscallNumber.SETHOSTNAME, name, "set the host name");
  }

  /**
   * Sets the NIS domain name.
   *
   * @param program the program, which has an own UTS by now
   * @param name the name, 1 to 64 bytes
   * @see <a href="https://man7.org/linux/man-pages/man2/setdomainname.2.html">setdomainname(2)</a>
   */
  public static void domainname(ProgramBuilder program, String name) {
    set(program, SyscallNumber.SETDOMAINNAME, name, "set the domain name");
  }

  private static void set(ProgramBuilder program, SyscallNumber call, String name, String doing) {
    int length = name.getBytes(StandardCharsets.UTF_8).length;
    program
        .call(call, program.string(name), literal(length))
        .named(doing)
        .changes(Uapi.CLONE_NEWUTS());
  }
}
