package dev.belljar.cgroups.controller;

import dev.belljar.cgroups.bpf.BpfAssembler;
import dev.belljar.cgroups.hierarchy.CgroupDirectory;
import dev.belljar.cgroups.hierarchy.CgroupVersion;
import dev.belljar.cgroups.hierarchy.OwnGroup;
import dev.belljar.linux.Descriptor;
import dev.belljar.linux.Errno;
import dev.belljar.linux.LinuxException;
import dev.belljar.linux.call.BpfCalls;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/**
 * Which devices a group of version 2 may open and make nodes of: a BPF program that is made of the
 * same rules as on version 1.
 *
 * <p>It stays with the group, whatever becomes of this JVM, and goes with it. Programs of others,
 * such as those of systemd, stay beside it: all must allow, those of the groups above too. Rules
 * should be set before the first process joins, since what is open stays usable.
 *
 * <p>It needs CAP_BPF and CAP_NET_ADMIN, and to look at programs CAP_SYS_ADMIN, in the first user
 * namespace.
 *
 * @see DevicesV1
 * @see <a href="https://docs.kernel.org/admin-guide/cgroup-v2.html#device-controller">cgroup-v2,
 *     Device controller</a>
 */
public final class DevicesV2 {
  private static final String NAME = "belljar_devices";
  private static final String PRIVILEGES =
      "on version 2 they are a BPF program, which takes CAP_BPF, CAP_NET_ADMIN and CAP_SYS_ADMIN in"
          + " the first user namespace: run as root outside containers, or give the processes a"
          + " /dev with only the devices they may use";
  private static final String ALONE =
      "a program that is attached to the group, or to one above it, allows no other beside or below"
          + " it: whoever attached it must do so with BPF_F_ALLOW_MULTI";

  private final CgroupDirectory group;

  /**
   * A program that decides on the devices of a group.
   *
   * @param id its number in the kernel, good while it is attached
   * @param name what whoever made it called it; {@code belljar_devices} for ours
   * @param tag the kernel's digest of its instructions, in hexadecimal; the same for the same rules
   */
  public record Program(int id, String name, String tag) {}

  /**
   * Makes a view of a group's programs.
   *
   * @param group the group, in the version 2 hierarchy; not its root
   * @throws IllegalArgumentException when the group is of version 1
   */
  public DevicesV2(CgroupDirectory group) {
    this.group = ControlFiles.of(group, CgroupVersion.V2).group();
  }

  /**
   * Sets which devices may be used, at once for all processes of the group and below.
   *
   * <p>Rules that were set before are replaced in one step.
   *
   * @param rules the rules
   * @return the program that stands for them
   * @throws IllegalStateException when something is denied and the calling JVM is in the group or
   *     below it
   * @throws UnsupportedOperationException when the kernel was built without CONFIG_BPF_SYSCALL or
   *     CONFIG_CGROUP_BPF
   * @throws LinuxException EPERM without the privileges named above, or when the group or one above
   *     it has a program that was attached without BPF_F_ALLOW_MULTI; E2BIG when 64 programs are
   *     attached
   */
  public Program set(DeviceRules rules) {
    if (!rules.allowEverything()) {
      OwnGroup.refuse(group, "denying devices to");
    }
    byte[] code = BpfAssembler.encode(DeviceProgram.of(rules));
    return explained(
        "setting the device rules of ",
        () -> {
          try (Descriptor program = BpfCalls.loadDeviceProgram(code, NAME)) {
            attach(program);
            Program made = program(program);
            if (!isAttached(made, rules)) {
              throw new LinuxException(0, "bpf(BPF_PROG_QUERY) not listing " + made);
            }
            return made;
          }
        });
  }

  private boolean isAttached(Program made, DeviceRules rules) {
    return tags(rules).contains(made.tag) && programs().contains(made);
  }

  private void attach(Descriptor program) {
    Optional<Program> old = ours();
    try {
      if (old.isPresent()) {
        replace(program, old.get());
      } else {
        BpfCalls.attachDeviceProgram(directory(), program.number());
      }
    } catch (LinuxException e) { // loading took the same privileges, so it is not for want of them
      throw e.is(Errno.EPERM) ? e.withRemedy(ALONE) : e;
    }
  }

  private void replace(Descriptor program, Program old) {
    try (Descriptor replaced = BpfCalls.open(old.id)) {
      BpfCalls.replaceDeviceProgram(directory(), program.number(), replaced.number());
    }
  }

  /**
   * Lists the programs attached to the group itself.
   *
   * @return the programs, of whoever's making
   * @throws LinuxException EPERM without the privileges named above
   */
  public List<Program> programs() {
    return explained(
        "looking at the device rules of ",
        () -> {
          List<Program> programs = new ArrayList<>();
          for (int id : BpfCalls.devicePrograms(directory())) {
            try (Descriptor program = BpfCalls.open(id)) {
              programs.add(program(program));
            } catch (LinuxException e) {
              if (!e.is(Errno.ENOENT)) { // else it was replaced meanwhile
                throw e;
              }
            }
          }
          return List.copyOf(programs);
        });
  }

  /**
   * Tells whether rules are in force, by the digest of the program that stands for them.
   *
   * @param rules the rules
   * @return true when a program of exactly these rules, in their order, is attached to the group
   * @throws LinuxException EPERM without the privileges named above
   */
  public boolean isSet(DeviceRules rules) {
    Set<String> tags = tags(rules);
    return programs().stream().anyMatch(program -> tags.contains(program.tag));
  }

  private static Set<String> tags(DeviceRules rules) {
    return DeviceProgram.tags(DeviceProgram.of(rules));
  }

  /**
   * Takes away the rules that were set here; those of others and of the groups above stay.
   *
   * @throws LinuxException EPERM without the privileges named above
   */
  public void clear() {
    Optional<Program> old = ours();
    if (old.isPresent()) {
      explained(
          "clearing the device rules of ",
          () -> {
            try (Descriptor program = BpfCalls.open(old.get().id)) {
              BpfCalls.detachDeviceProgram(directory(), program.number());
              return old;
            }
          });
    }
  }

  private Optional<Program> ours() {
    return programs().stream().filter(program -> program.name.equals(NAME)).findFirst();
  }

  private static Program program(Descriptor program) {
    BpfCalls.LoadedProgram info = BpfCalls.info(program.number());
    return new Program(info.id(), info.name(), info.tag());
  }

  private int directory() {
    return group.directory().number();
  }

  private <T> T explained(String doing, Supplier<T> action) {
    try {
      return action.get();
    } catch (LinuxException e) {
      if (e.is(Errno.ENOSYS) || e.is(Errno.EINVAL)) {
        throw new UnsupportedOperationException(
            "device rules of cgroup version 2 need a kernel with CONFIG_BPF_SYSCALL and"
                + " CONFIG_CGROUP_BPF: "
                + e.getMessage(),
            e);
      }
      LinuxException told = e.doing(doing + group);
      throw e.is(Errno.EPERM) && e.remedy().isEmpty() ? told.withRemedy(PRIVILEGES) : told;
    }
  }
}
