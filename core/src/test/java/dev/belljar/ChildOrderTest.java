package dev.belljar;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belljar.linux.testing.RequiresCgroupV1;
import dev.belljar.linux.testing.RequiresRoot;
import dev.belljar.namespaces.NamespaceType;
import dev.belljar.program.Credentials;
import dev.belljar.program.ExecProgram;
import dev.belljar.program.ProcessSettings;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The order of what a child does for itself, which the kernel's rules force: what each step needs
 * is not given up by one before it, nor is what it does undone by one after it.
 *
 * <p>Of the shapes, the one without PID has no mounts, and the privileged one keeps all its
 * capabilities and has its mounts made by a process before it.
 */
class ChildOrderTest extends ContainerTest {
  private static final List<String> BEGINNING =
      List.of(
          "setsid(",
          "rt_sigaction(",
          "rt_sigprocmask(SIG_SETMASK, {0000000000000000}",
          "prlimit64(0, RLIMIT_NOFILE, NULL",
          "prlimit64(0, RLIMIT_NOFILE, {",
          "umask(022)",
          "keyctl(KEYCTL_JOIN_SESSION_KEYRING");

  private static final String DEATH_SIGNAL = "prctl(PR_SET_PDEATHSIG, SIGKILL)";

  /** What changes the credentials, and with them clears the death signal. */
  private static final List<String> CREDENTIALS =
      List.of("setgroups(", "setresgid(", "setresuid(", "capset(", "prctl(PR_CAPBSET_DROP");

  private static final List<String> END =
      List.of(
          "prctl(PR_CAPBSET_DROP",
          "setresgid(",
          "setresuid(",
          "capset(",
          "openat2(", // the working directory, found inside the root
          "fchdir(",
          DEATH_SIGNAL,
          "ppoll(", // is the JVM still there?
          "prctl(PR_SET_NO_NEW_PRIVS, 1",
          "write($report",
          "execve(");

  @ParameterizedTest
  @EnumSource(
      names = {"WITHOUT_PID", "LOCKED"},
      mode = EnumSource.Mode.EXCLUDE) // see the class
  void aStartKeepsIt(StartShape shape) {
    ContainerBuilder builder = shape.builder().command("cat").workingDirectory("/usr");
    List<String> calls = calls(builder.build().plan().steps());

    List<String> expected = new ArrayList<>(BEGINNING);
    expected.addAll(
        List.of("sethostname(", "mount(NULL, \"/\", NULL, MS_REC|MS_SLAVE", "pivot_root("));
    expected.addAll(END);
    assertInOrder(calls, expected);
    assertNothingClearsTheDeathSignal(calls);
  }

  @ParameterizedTest
  @EnumSource(names = "LOCKED", mode = EnumSource.Mode.EXCLUDE)
  void anExecRepeatsIt(StartShape shape) {
    ContainerSpec spec = shape.builder().workingDirectory("/usr").build();
    List<String> calls = calls(ExecSteps.of(spec, "cat"));

    List<String> expected = new ArrayList<>(List.of("prctl(PR_SET_DUMPABLE, 0)", "setns("));
    if (spec.blueprint().ownTypes().contains(NamespaceType.PID)) {
      expected.add("clone3(");
    }
    expected.addAll(BEGINNING);
    expected.addAll(spec.blueprint().isolation.keepsUser() ? END.subList(3, END.size()) : END);
    assertInOrder(calls, expected);
    assertNothingClearsTheDeathSignal(calls);
  }

  @Test
  @RequiresRoot
  @RequiresCgroupV1("memory")
  void groupsAreJoinedBeforeTheNamespacesWhoseRootTheyBecome() {
    ContainerBuilder limited = StartShape.LIMITED.builder();
    List<String> calls = calls(limited.build().plan().steps());

    int namespace = firstIndex(calls, "unshare(CLONE_NEWCGROUP)");
    assertThat(lastIndex(calls, "write($tasks")).isLessThan(namespace);
    assertThat(namespace).isLessThan(firstIndex(calls, "mount(NULL, \"/\""));
  }

  /** Else a group kill for want of memory would take the JVM, which shares its memory, along. */
  @Test
  void aGroupThatRunsIsEnteredByTheRunnersOwnCloneOnly() {
    ProcessSettings process =
        new ProcessSettings(Credentials.ROOT, false, true, 0, true, _ -> {}, Optional.empty());
    var settings =
        new ExecProgram.Settings(List.of(), List.of(), 0, true, Optional.empty(), process);

    assertThat(settings.forks()).isTrue();
    List<String> calls = calls(Plans.of(ExecProgram.of(settings).program(), List.of()).steps());
    assertInOrder(calls, List.of("prctl(PR_SET_DUMPABLE, 0)", "clone3(", "setsid("));
  }

  private static List<String> calls(List<Plan.Step> steps) {
    return steps.stream()
        .map(Plan.Step::call)
        .map(call -> call.replaceFirst("^\\$\\S+ = ", "")) // where the result is kept
        .toList();
  }

  private static void assertInOrder(List<String> calls, List<String> expected) {
    int from = 0;
    for (String call : expected) {
      int there = firstIndex(calls.subList(from, calls.size()), call);
      assertThat(there)
          .as("%s, after %s, in%n%s", call, expected, String.join("\n", calls))
          .isNotNegative();
      from += there + 1;
    }
  }

  private static void assertNothingClearsTheDeathSignal(List<String> calls) {
    List<String> after = calls.subList(lastIndex(calls, DEATH_SIGNAL), calls.size());
    assertThat(after).noneMatch(call -> CREDENTIALS.stream().anyMatch(call::startsWith));
  }

  private static int firstIndex(List<String> calls, String beginning) {
    return IntStream.range(0, calls.size())
        .filter(index -> calls.get(index).startsWith(beginning))
        .findFirst()
        .orElse(-1);
  }

  private static int lastIndex(List<String> calls, String beginning) {
    return calls.size() - 1 - firstIndex(calls.reversed(), beginning);
  }
}
