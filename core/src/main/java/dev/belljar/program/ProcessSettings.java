package dev.belljar.program;

import dev.belljar.linux.launch.ProgramBuilder;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * What the command's process is to be like, whether it is the container's first or exec'ed.
 *
 * @param credentials who it runs as
 * @param keepsUser whether it stays who the JVM is, having no right to become anybody
 * @param setgroups whether the id map allows setgroups(2)
 * @param capabilities the capabilities within reach
 * @param noNewPrivileges whether exec can no longer give privileges
 * @param workingDirectory adds the steps that enter the working directory
 * @param command the command's name and how many paths to try; empty for the resident init
 */
public record ProcessSettings(
    Credentials credentials,
    boolean keepsUser,
    boolean setgroups,
    long capabilities,
    boolean noNewPrivileges,
    Consumer<ProgramBuilder> workingDirectory,
    Optional<Command> command) {
  /**
   * The command, as far as the program knows it.
   *
   * @param name its name, for messages
   * @param candidates how many paths to try
   */
  public record Command(String name, int candidates) {}
}
