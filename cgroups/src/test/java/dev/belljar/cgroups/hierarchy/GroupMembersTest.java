package dev.belljar.cgroups.hierarchy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.belljar.cgroups.coverage.Proves;
import dev.belljar.cgroups.testing.TestGroup;
import dev.belljar.linux.testing.KernelTest;
import dev.belljar.linux.testing.RequiresCgroup;
import dev.belljar.linux.testing.RequiresCgroupV1;
import dev.belljar.linux.testing.RequiresCgroupV2;
import dev.belljar.linux.testing.RequiresRoot;
import dev.belljar.linux.testing.WarmUp;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

@KernelTest
@RequiresCgroup
class GroupMembersTest {
  private static final long SELF = ProcessHandle.current().pid();

  @WarmUp
  static void startAThread() throws Exception {
    inAThread(() -> {});
  }

  private static void inAThread(Runnable action) throws Exception {
    AtomicReference<Throwable> failure = new AtomicReference<>();
    Thread thread =
        Thread.ofPlatform()
            .start(() -> {
              try {
                action.run();
              } catch (Throwable e) {
                failure.set(e);
              }
            });
    thread.join();
    assertThat(failure.get()).isNull();
  }

  @Test
  void childrenOfAnAttachedProcessAreInItsGroupThoseBeforeStay() throws Exception {
    try (TestGroup test = CgroupDirectoryTest.anywhere()) {
      Process process = test.start("sleep 1000 & echo $!; read go; sleep 1000 & echo $!; wait");
      BufferedReader said =
          new BufferedReader(
              new InputStreamReader(process.getInputStream(), StandardCharsets.US_ASCII));
      long before = Long.parseLong(said.readLine());
      test.directory().attach(process.pid());
      process.getOutputStream().write('\n');
      process.getOutputStream().flush();
      long after = Long.parseLong(said.readLine());
      try {
        assertThat(test.directory().processes()).containsExactlyInAnyOrder(process.pid(), after);
        assertThat(test.directory().hierarchy().groupOf(before)).contains(test.above().path());
        assertThat(test.directory().hierarchy().groupOf(after)).contains(test.directory().path());
      } finally {
        ProcessHandle.of(before).ifPresent(ProcessHandle::destroyForcibly);
      }
    }
  }

  @Test
  void aLiveProcessIsMovedBetweenGroups() {
    try (TestGroup test = CgroupDirectoryTest.anywhere();
        CgroupDirectory poor = test.directory().create("poor");
        CgroupDirectory rich = test.directory().create("rich")) {
      Process process = test.runIn(poor, "exec sleep 1000");

      rich.attach(process.pid());

      assertThat(new GroupMembers(poor).processes()).isEmpty();
      assertThat(new GroupMembers(rich).processes()).containsExactly(process.pid());
      assertThat(new GroupMembers(test.directory()).processes()).isEmpty();
      assertThat(new GroupMembers(test.directory()).processesBelow())
          .containsExactly(process.pid());
      assertThat(process.isAlive()).isTrue();
    }
  }

  @Test
  void allProcessesMoveAtOnce() {
    try (TestGroup test = CgroupDirectoryTest.anywhere();
        CgroupDirectory from = test.directory().create("from");
        CgroupDirectory to = test.directory().create("to")) {
      Process one = test.runIn(from, "exec sleep 1000");
      Process two = test.runIn(from, "exec sleep 1000");

      assertThat(new GroupMembers(from).moveAllTo(to)).isEqualTo(2);

      assertThat(new GroupMembers(to).processes()).isEqualTo(Set.of(one.pid(), two.pid()));
      assertThat(new GroupMembers(from).processes()).isEmpty();
    }
  }

  @Test
  @RequiresRoot
  @RequiresCgroupV1("pids")
  @Proves("tasks")
  void oneThreadMovesThroughTasksAndLeavesTheRestBehind() throws Exception {
    try (TestGroup test = TestGroup.v1(Subsystem.PIDS)) {
      GroupMembers members = new GroupMembers(test.directory());
      GroupMembers above = new GroupMembers(test.above());
      inAThread(() -> {
        members.attachCurrentThread();
        assertThat(members.threads()).hasSize(1).doesNotContain(SELF);
        assertThat(above.threads()).contains(SELF);
        long thread = members.threads().iterator().next();
        above.attachThread(thread);
        assertThat(members.threads()).isEmpty();
        members.attachThread(thread);
        assertThat(members.threads()).containsExactly(thread);
      });
      TestGroup.until("the thread has ended", () -> members.threads().isEmpty());
    }
  }

  @Test
  @RequiresRoot
  @RequiresCgroupV1("pids")
  @Proves("cgroup.procs")
  void aProcessMovesWithAllItsThreads() {
    try (TestGroup test = TestGroup.v1(Subsystem.PIDS)) {
      GroupMembers members = new GroupMembers(test.directory());
      members.attachSelf();
      try {
        assertThat(members.processes()).contains(SELF);
        assertThat(members.threads()).contains(SELF).hasSizeGreaterThan(5); // a JVM has many
        assertThat(members.threadsBelow()).containsAll(members.threads());
      } finally {
        new GroupMembers(test.above()).attachSelf();
      }
      assertThat(members.threads()).isEmpty();
    }
  }

  @Test
  @RequiresCgroupV2
  @Proves({"cgroup.threads", "cgroup.type"})
  void aThreadOfAProcessMovesWithinItsThreadedDomain() throws Exception {
    try (TestGroup test = TestGroup.v2();
        CgroupDirectory threaded = test.directory().create("threaded")) {
      new CoreFilesV2(threaded).makeThreaded();
      GroupMembers domain = new GroupMembers(test.directory());
      GroupMembers members = new GroupMembers(threaded);
      domain.attachSelf();
      try {
        inAThread(() -> {
          members.attachCurrentThread();
          assertThat(members.threads()).hasSize(1).doesNotContain(SELF);
          assertThat(domain.threads()).contains(SELF);
          assertThat(domain.threadsBelow()).containsAll(members.threads());
          assertThat(domain.processes()).contains(SELF);
        });
      } finally {
        new GroupMembers(test.above()).attachSelf();
      }
      TestGroup.until("the thread has ended", () -> members.threads().isEmpty());
    }
  }

  @Test
  void whatIsNoProcessIdIsRefused() {
    try (TestGroup test = CgroupDirectoryTest.anywhere()) {
      GroupMembers members = new GroupMembers(test.directory());

      assertThatIllegalArgumentException().isThrownBy(() -> members.attach(0));
      assertThatIllegalArgumentException().isThrownBy(() -> members.attachThread(-1));
    }
  }

  @Test
  void aVirtualThreadIsNotMoved() throws Exception {
    try (TestGroup test = CgroupDirectoryTest.anywhere()) {
      GroupMembers members = new GroupMembers(test.directory());
      AtomicReference<Throwable> failure = new AtomicReference<>();
      Thread.ofVirtual()
          .start(() -> {
            try {
              assertThatIllegalStateException().isThrownBy(members::attachCurrentThread);
            } catch (Throwable e) {
              failure.set(e);
            }
          })
          .join();
      assertThat(failure.get()).isNull();
      assertThat(members.threads()).isEmpty();
    }
  }
}
