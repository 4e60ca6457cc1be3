package dev.belljar.namespaces;

import static dev.belljar.linux.launch.ProgramBuilder.literal;

import dev.belljar.linux.LinuxException;
import dev.belljar.linux.launch.ProgramBuilder;
import dev.belljar.linux.syscall.SyscallNumber;
import dev.belljar.namespaces.inside.NameSteps;
import dev.belljar.namespaces.inside.OneShot;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/**
 * The names of a UTS namespace.
 *
 * @param hostname the host name, at most 64 bytes
 * @param domainname the NIS domain name, at most 64 bytes; {@code (none)} when it was never set
 * @see <a href="https://man7.org/linux/man-pages/man7/uts_namespaces.7.html">uts_namespaces(7)</a>
 */
public record HostNames(String hostname, String domainname) {
  private static final int FIELD = 65; // of struct new_utsname, NUL included
  private static final int FIELDS = 6;
  private static final int NODENAME = FIELD;
  private static final int DOMAINNAME = 5 * FIELD;

  /**
   * Reads the names inside.
   *
   * @param namespace a UTS namespace
   * @return its names
   * @throws IllegalArgumentException when it is of another kind
   * @throws LinuxException EPERM when this user may not enter
   */
  public static HostNames of(Namespace namespace) {
    return run(namespace, _ -> {});
  }

  /**
   * Sets the names inside.
   *
   * @param namespace a UTS namespace
   * @throws IllegalArgumentException when it is of another kind, or a name is not 1 to 64 bytes
   * @throws LinuxException EPERM when this user may not enter
   */
  public void set(Namespace namespace) {
    requireLength(hostname);
    requireLength(domainname);
    var _ =
        run(
            namespace,
            program -> {
              NameSteps.hostname(program, hostname);
              NameSteps.domainname(program, domainname);
            });
  }

  private static void requireLength(String name) {
    int length = name.getBytes(StandardCharsets.UTF_8).length;
    if (length < 1 || length >= FIELD || name.indexOf(0) >= 0) {
      throw new IllegalArgumentException("a name must have 1 to 64 bytes, not " + length);
    }
  }

  private static HostNames run(Namespace namespace, Consumer<ProgramBuilder> before) {
    if (namespace.type() != NamespaceType.UTS) {
      throw new IllegalArgumentException(namespace + " is no UTS namespace");
    }
    byte[] names =
        OneShot.run(
            namespace.descriptor(),
            NamespaceType.UTS.flag(),
            before,
            (program, output) -> {
              ProgramBuilder.Memory utsname = program.memory(new byte[FIELD * FIELDS]);
              program.call(SyscallNumber.UNAME, utsname.address()).named("read the names");
              program
                  .call(SyscallNumber.WRITE, output, utsname.address(), literal(FIELD * FIELDS))
                  .named("pass the names");
            });
    return new HostNames(text(names, NODENAME), text(names, DOMAINNAME));
  }

  private static String text(byte[] utsname, int from) {
    int end = from;
    while (utsname[end] != 0) {
      end++;
    }
    return new String(utsname, from, end - from, StandardCharsets.UTF_8);
  }
}
