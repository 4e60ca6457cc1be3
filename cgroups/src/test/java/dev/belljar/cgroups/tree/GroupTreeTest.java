package dev.belljar.cgroups.tree;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belljar.linux.Errno;
import dev.belljar.linux.LinuxException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class GroupTreeTest {
  private static LinuxException of(Errno errno) {
    return new LinuxException(errno.number(), "openat", "opening a group", "");
  }

  @ParameterizedTest
  @EnumSource(names = {"ENOENT", "ENODEV"})
  void aGroupIsGoneUnlessSomethingElseFailedBesides(Errno errno) {
    LinuxException gone = of(errno);
    assertThat(GroupTree.isGone(gone)).isTrue();
    assertThat(GroupTree.isInUse(gone)).isFalse();
    gone.addSuppressed(of(Errno.EIO));
    assertThat(GroupTree.isGone(gone)).isFalse();
  }

  @ParameterizedTest
  @EnumSource(names = {"EBUSY", "ENOTEMPTY"})
  void aGroupIsInUseUnlessSomethingElseFailedBesides(Errno errno) {
    LinuxException busy = of(errno);
    assertThat(GroupTree.isInUse(busy)).isTrue();
    assertThat(GroupTree.isGone(busy)).isFalse();
    busy.addSuppressed(of(Errno.EIO));
    assertThat(GroupTree.isInUse(busy)).isFalse();
  }
}
