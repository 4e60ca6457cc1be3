package dev.belljar.namespaces;

import static dev.belljar.namespaces.NamespaceType.USER;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.belljar.linux.IdMap;
import dev.belljar.linux.IdRange;
import dev.belljar.linux.syscall.Syscall;
import dev.belljar.linux.syscall.SyscallNumber;
import dev.belljar.linux.testing.KernelTest;
import dev.belljar.linux.testing.RequiresOrdinaryUser;
import dev.belljar.linux.testing.RequiresTool;
import dev.belljar.linux.testing.RequiresUserNamespaces;
import dev.belljar.linux.testing.WarmUp;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/** The id maps that an ordinary user can write, alone or by the setuid helpers. */
@KernelTest
@RequiresUserNamespaces
@RequiresOrdinaryUser
class OrdinaryUserIdMapTest {
  private static final long UID = Syscall.call(SyscallNumber.GETEUID);
  private static final long GID = Syscall.call(SyscallNumber.GETEGID);

  @WarmUp
  static void makeOne() {
    NewNamespaces.of(USER).create().close();
  }

  @Test
  @RequiresTool({"newuidmap", "newgidmap"})
  void theIdsGrantedAreMappedByTheHelpers() throws IOException {
    Optional<IdMap> granted = SubordinateIds.map();
    Assumptions.assumeTrue(
        granted.isPresent(), "needs ids of this user in /etc/subuid and /etc/subgid");
    try (NamespaceProcess process = NamespaceProcess.clone(granted.get(), USER)) {
      assertThat(written(process, "uid_map")).isEqualTo(granted.get().uids());
      assertThat(written(process, "gid_map")).isEqualTo(granted.get().gids());
    }
    NewNamespaces.of(USER).idMap(granted.get()).create().close();
  }

  private static List<IdRange> written(NamespaceProcess process, String file) throws IOException {
    return IdRange.parseAll(Files.readString(Path.of("/proc", Long.toString(process.pid()), file)));
  }

  @Test
  void theOwnGroupIsMappedOnlyWithSetgroupsDenied() {
    IdMap allowing = IdMap.single(0, UID, GID).withSetgroups(IdMap.Setgroups.ALLOW);
    assertThatThrownBy(() -> NewNamespaces.of(USER).idMap(allowing))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("must deny setgroups");
    assertThatThrownBy(() -> NamespaceProcess.clone(allowing, USER))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("must deny setgroups");
    NewNamespaces.of(USER).idMap(allowing.withSetgroups(IdMap.Setgroups.DENY)).create().close();
  }
}
