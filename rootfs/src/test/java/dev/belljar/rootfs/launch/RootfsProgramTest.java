package dev.belljar.rootfs.launch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.belljar.linux.BytePath;
import dev.belljar.linux.launch.LaunchProgram;
import dev.belljar.linux.launch.Operation;
import dev.belljar.linux.launch.ProgramBuilder;
import dev.belljar.linux.launch.Step;
import dev.belljar.linux.syscall.SyscallNumber;
import dev.belljar.linux.uapi.Uapi;
import dev.belljar.rootfs.Mount;
import dev.belljar.rootfs.Propagation;
import dev.belljar.rootfs.Rootfs;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class RootfsProgramTest {
  private static final RootfsSettings ROOT = new RootfsSettings(false, true, true, true, false);
  private static final RootfsSettings USER = new RootfsSettings(true, true, true, true, false);
  private static final RootfsSettings USER_SHARING_ALL =
      new RootfsSettings(true, false, false, false, false);

  /** Calls that leave every mount and file as it is. */
  private static final Set<SyscallNumber> HARMLESS =
      EnumSet.of(SyscallNumber.UMASK, SyscallNumber.OPENAT2, SyscallNumber.EXIT_GROUP);

  private static LaunchProgram program(Rootfs rootfs, RootfsSettings settings) {
    ProgramBuilder program = new ProgramBuilder();
    RootfsProgram.contribute(program, rootfs, settings);
    program.exit(0); // what core adds: jumps lead to it
    return program.build();
  }

  private static List<String> calls(LaunchProgram program) {
    return IntStream.range(0, program.steps().size()).mapToObj(program::call).toList();
  }

  private static int indexOf(LaunchProgram program, String start) {
    List<String> calls = calls(program);
    for (int i = 0; i < calls.size(); i++) {
      if (calls.get(i).startsWith(start)) {
        return i;
      }
    }
    throw new AssertionError("no call " + start + " in\n" + program);
  }

  static Stream<LaunchProgram> programs() {
    List<LaunchProgram> programs = new ArrayList<>();
    for (RootfsSettings settings :
        List.of(
            ROOT,
            USER,
            USER_SHARING_ALL,
            new RootfsSettings(false, false, false, false, false),
            new RootfsSettings(false, true, true, true, true))) {
      programs.add(program(Rootfs.host().hide("/home"), settings));
      programs.add(program(Rootfs.directory("/srv/box").hide("/etc/shadow"), settings));
      programs.add(program(Rootfs.directory("/srv/box").readOnly(), settings));
      programs.add(program(Rootfs.directory("/srv/box").withProcOnly().hide("/x"), settings));
    }
    return programs.stream();
  }

  @ParameterizedTest
  @MethodSource("programs")
  void theHostsPeerGroupsAreLeftBeforeAnythingElse(LaunchProgram program) {
    assertThat(program.call(0)).isEqualTo("mount(NULL, \"/\", NULL, MS_REC|MS_SLAVE, NULL)");
  }

  @Test
  void whatIsDoneBeforePreparedMountsAreEnteredOnlyTakesAndRestrictsCopies() {
    ProgramBuilder program = new ProgramBuilder();
    RootfsRequest request =
        RootfsRequest.of(
            Rootfs.host().writable("/srv"),
            List.of(
                Mount.bind("/a", "/tmp/a").within("/base").readOnly(),
                Mount.rbind("/b", "/tmp/b").propagation(Propagation.RSHARED),
                Mount.tmpfs("/tmp/c")));
    var _ =
        RootfsProgram.complete(
            program,
            request,
            ROOT,
            OwnFiles.NONE,
            _ -> ProgramBuilder.literal(0),
            () -> ProgramBuilder.literal(0),
            () -> program.call(SyscallNumber.SETNS));
    program.exit(0);
    LaunchProgram built = program.build();

    List<String> before = calls(built).subList(0, indexOf(built, "setns("));
    assertThat(before)
        .filteredOn(call -> call.contains("open_tree("))
        .hasSize(3)
        .allMatch(call -> call.contains("OPEN_TREE_CLONE"));
    assertThat(before)
        .filteredOn(call -> call.contains("mount"))
        .allMatch(call -> call.startsWith("mount_setattr($"));
  }

  @ParameterizedTest
  @MethodSource("programs")
  void everyStepThatChangesSomethingNeedsAnOwnMountNamespace(LaunchProgram program) {
    for (Step step : program.steps()) {
      if (step.operation() instanceof Operation.Call(var number) && !HARMLESS.contains(number)) {
        assertThat(step.namespaces()).as(step.toString()).isEqualTo(Uapi.CLONE_NEWNS());
      }
    }
    assertThatIllegalArgumentException()
        .isThrownBy(() -> program.requireNamespaces(~Uapi.CLONE_NEWNS()));
  }

  @ParameterizedTest
  @MethodSource("programs")
  void everyCallSaysWhatItIsFor(LaunchProgram program) {
    assertThat(program.steps())
        .filteredOn(step -> step.operation() instanceof Operation.Call)
        .filteredOn(step -> !step.operation().equals(new Operation.Call(SyscallNumber.EXIT_GROUP)))
        .allSatisfy(step -> assertThat(step.name()).isNotEmpty());
  }

  @ParameterizedTest
  @MethodSource("programs")
  void noMountIsPlacedByPathOnceTheRootIsEntered(LaunchProgram program) {
    int entered = indexOf(program, "umount2(\".\", MNT_DETACH)");
    List<String> afterwards = calls(program).subList(entered + 1, program.steps().size());
    assertThat(afterwards)
        .noneMatch(call -> call.startsWith("mount("))
        .noneMatch(call -> call.contains("AT_FDCWD"))
        .noneMatch(call -> call.contains("T_SYMLINKS"));
  }

  @ParameterizedTest
  @MethodSource("programs")
  void theOldRootIsLeftBeforeAnythingInTheNewOneIsLookedUp(LaunchProgram program) {
    int left = indexOf(program, "umount2(\".\", MNT_DETACH)");
    assertThat(indexOf(program, "open_tree(AT_FDCWD, \"/"))
        .isLessThan(indexOf(program, "pivot_root(\".\", \".\")"));
    assertThat(calls(program).subList(0, left))
        .noneMatch(call -> call.startsWith("openat2($root"))
        .noneMatch(call -> call.startsWith("move_mount") && call.contains(", $root, "));
  }

  @Test
  void devicesAreTakenFromTheHostBeforeTheRootIsWhereTheyCannotBeMade() {
    LaunchProgram program = program(Rootfs.directory("/srv/box"), USER);
    for (String device : List.of("null", "zero", "full", "random", "urandom", "tty")) {
      assertThat(indexOf(program, "open_tree(AT_FDCWD, \"/dev/" + device + "\""))
          .isLessThan(indexOf(program, "open_tree(AT_FDCWD, \"/srv/box\""));
    }
    assertThat(program.toString()).doesNotContain("S_IFCHR|0666");
    assertThat(program(Rootfs.host(), ROOT).toString())
        .contains("mknodat($dev, \"null\", S_IFCHR|0666, makedev(1, 3))")
        .doesNotContain("open_tree(AT_FDCWD, \"/dev");
  }

  @Test
  void thePathsThatTellOfTheMachineAreMasked() {
    for (RootfsSettings settings : List.of(ROOT, USER, USER_SHARING_ALL)) {
      List<String> calls = calls(program(Rootfs.host(), settings));
      for (String file :
          List.of(
              "interrupts",
              "kcore",
              "keys",
              "latency_stats",
              "timer_list",
              "timer_stats",
              "sched_debug")) {
        assertThat(calls)
            .contains(
                "move_mount($spare_null, \"\", $proc, \"%s\", MOVE_MOUNT_F_EMPTY_PATH)"
                    .formatted(file));
      }
      for (String directory : List.of("acpi", "asound", "scsi")) {
        assertThat(calls)
            .contains(
                "move_mount($spare_empty, \"\", $proc, \"%s\", MOVE_MOUNT_F_EMPTY_PATH)"
                    .formatted(directory));
      }
      for (String directory : List.of("firmware", "devices/virtual/powercap")) {
        assertThat(calls)
            .contains(
                "move_mount($spare_empty, \"\", $sys, \"%s\", MOVE_MOUNT_F_EMPTY_PATH)"
                    .formatted(directory));
      }
      for (String path : List.of("bus", "fs", "irq", "sys", "sysrq-trigger")) {
        assertThat(calls)
            .contains(
                "move_mount($proc/%1$s, \"\", $proc, \"%1$s\", MOVE_MOUNT_F_EMPTY_PATH)"
                    .formatted(path));
      }
    }
  }

  @Test
  void onlyAPathThatDoesNotExistIsLeftUnmasked() {
    LaunchProgram program = program(Rootfs.host(), ROOT);
    assertThat(program.steps())
        .filteredOn(step -> step.name().startsWith("mask ") || step.name().endsWith(" read-only"))
        .isNotEmpty()
        .allSatisfy(step ->
            assertThat(step.errors())
                .filteredOn(rule -> rule.target() >= 0)
                .allMatch(rule -> rule.errno() == Uapi.ENOENT()));
  }

  @Test
  void nothingIsMaskedForThePrivileged() {
    RootfsSettings privileged = new RootfsSettings(false, true, true, true, true);
    assertThat(program(Rootfs.host(), privileged).toString())
        .doesNotContain("# mask ")
        .doesNotContain("sysrq-trigger")
        .contains(
            "fsmount($proc_context, FSMOUNT_CLOEXEC, "
                + "MOUNT_ATTR_NOSUID|MOUNT_ATTR_NODEV|MOUNT_ATTR_NOEXEC)");
  }

  @Test
  void theNullDeviceIsVerifiedBeforeItHidesAnything() {
    LaunchProgram program = program(Rootfs.host().hide("/etc/passwd"), USER);
    assertThat(indexOf(program, "fail with errno ENODEV"))
        .isLessThan(indexOf(program, "open_tree($null"));
  }

  @Test
  void theHostsFilesAreReadOnlyAndADirectoryIsNot() {
    String hosts = "mount_setattr($root, \"\", AT_EMPTY_PATH|AT_RECURSIVE, {attr_set=%s";
    String all = "MOUNT_ATTR_RDONLY|MOUNT_ATTR_NOSUID|MOUNT_ATTR_NODEV,";
    String some = "MOUNT_ATTR_NOSUID|MOUNT_ATTR_NODEV,";
    assertThat(program(Rootfs.host(), ROOT).toString()).contains(hosts.formatted(all));
    assertThat(program(Rootfs.directory("/r").readOnly(), ROOT).toString())
        .contains(hosts.formatted(all));
    assertThat(program(Rootfs.directory("/r"), ROOT).toString()).contains(hosts.formatted(some));
  }

  @Test
  void hiddenPathsComeLast() {
    LaunchProgram program = program(Rootfs.host().hide("/home").hide("/proc/cpuinfo"), ROOT);
    assertThat(indexOf(program, "openat2($root, \"/home\""))
        .isGreaterThan(indexOf(program, "move_mount($spare_empty, \"\", $sys, \"firmware\""));
    assertThat(indexOf(program, "openat2($proc, \"cpuinfo\""))
        .isGreaterThan(indexOf(program, "openat2($root, \"/home\""));
  }

  @Test
  void namesThatAreNotTextReachTheKernelAsTheyAre() {
    BytePath name = BytePath.ofBytes(new byte[] {'/', 'a', (byte) 0xff});
    assertThat(program(Rootfs.directory(name), ROOT).toString())
        .contains("open_tree(AT_FDCWD, \"/a\\377\"");
  }

  @Test
  void theWorkingDirectoryIsResolvedInsideTheRoot() {
    ProgramBuilder builder = new ProgramBuilder();
    RootfsProgram.changeDirectory(builder, BytePath.of("/work"));
    LaunchProgram program = builder.build();
    assertThat(program.call(0))
        .startsWith("openat2(AT_FDCWD, \"/work\"")
        .contains("RESOLVE_IN_ROOT|RESOLVE_NO_MAGICLINKS");
    assertThat(program.call(program.steps().size() - 1)).isEqualTo("fchdir($working_directory)");
  }

  /** Each costs microseconds, at the start and once more at the end. */
  @Test
  void theDefaultContainerMakesNoMoreMountsThanItDid() {
    assertThat(placed(program(Rootfs.host(), ROOT))).isEqualTo(26);
    assertThat(placed(program(Rootfs.host(), USER))).isEqualTo(32);
  }

  private static long placed(LaunchProgram program) {
    return calls(program).stream()
        .filter(call -> call.startsWith("move_mount(") || call.startsWith("mount("))
        .filter(call -> !call.contains("MS_REC|MS_SLAVE"))
        .count();
  }

  /** The way to a running container should not become longer unnoticed. */
  @Test
  void theDefaultContainerTakesNoMoreCallsThanItDid() {
    long calls =
        program(Rootfs.host(), ROOT).steps().stream()
            .filter(step -> step.operation() instanceof Operation.Call)
            .count();
    // One is the exit that ends it here, and one the chroot that takes the place of two others.
    assertThat(calls - 2).isEqualTo(103);
  }
}
