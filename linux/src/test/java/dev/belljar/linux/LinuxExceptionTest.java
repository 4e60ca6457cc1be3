package dev.belljar.linux;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class LinuxExceptionTest {
  private static final String MKDIR = "mkdirat(AT_FDCWD, \"/sys/fs/cgroup/a\", 0755)";

  @Test
  void saysTheCallAndTheErrorInOneSentence() {
    assertThat(new LinuxException(13, MKDIR))
        .hasMessage(MKDIR + " failed: EACCES (13, Permission denied)");
  }

  @Test
  void saysWhatWasBeingDoneAndWhatToDo() {
    assertThat(
            new LinuxException(13, MKDIR, "making the group", "delegate the parent to this user"))
        .hasMessage(
            "making the group: "
                + MKDIR
                + " failed: EACCES (13, Permission denied); delegate the parent to this user");
  }

  @Test
  void saysThatACallDidNotDoEnough() {
    LinuxException shortWrite = new LinuxException(0, "write(3, \"0\\n\", 2) = 1");

    assertThat(shortWrite).hasMessage("write(3, \"0\\n\", 2) = 1 failed");
    assertThat(shortWrite.error()).isEmpty();
  }

  @Test
  void tellsItsErrorByNameWhereItHasOne() {
    LinuxException denied = new LinuxException(13, MKDIR);

    assertThat(denied.error()).contains(Errno.EACCES);
    assertThat(denied.is(Errno.EACCES)).isTrue();
    assertThat(denied.is(Errno.EPERM)).isFalse();
    assertThat(new LinuxException(524, MKDIR).error()).isEmpty();
  }

  @Test
  void aFullerCopyReportsTheSameFailure() {
    LinuxException first = new LinuxException(13, MKDIR);
    first.initCause(new IllegalStateException("cause"));
    first.addSuppressed(new IllegalStateException("clean-up"));

    LinuxException fuller = first.doing("making the group").withRemedy("become root");

    assertThat(fuller.errno()).isEqualTo(13);
    assertThat(fuller.call()).isEqualTo(MKDIR);
    assertThat(fuller.doing()).isEqualTo("making the group");
    assertThat(fuller.remedy()).contains("become root");
    assertThat(fuller.getStackTrace()).isEqualTo(first.getStackTrace());
    assertThat(fuller).hasCause(first.getCause());
    assertThat(fuller.getSuppressed()).containsExactly(first.getSuppressed());
    assertThat(first.doing()).isEmpty();
    assertThat(first.remedy()).isEmpty();
  }
}
