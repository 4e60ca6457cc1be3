package dev.belljar.linux.call;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.belljar.linux.Descriptor;
import dev.belljar.linux.LinuxException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NodeCallsTest {
  @TempDir private Path dir;

  @Test
  void permissionsAreThoseOfTheNameAndNeverOfWhatALinkLeadsTo() throws IOException {
    Path file = Files.createFile(dir.resolve("file"));
    Files.createSymbolicLink(dir.resolve("link"), file);
    try (Descriptor open = FileCalls.open(dir.toString(), OpenFlags.O_RDONLY)) {
      NodeCalls.changeMode(open.number(), "file".getBytes(UTF_8), 0100_640);
      assertThat(permissions(file)).isEqualTo("rw-r-----");
      NodeCalls.changeMode(open.number(), "file".getBytes(UTF_8), 0);
      NodeCalls.changeMode(open.number(), "file".getBytes(UTF_8), 0600);
      assertThatThrownBy(() -> NodeCalls.changeMode(open.number(), "link".getBytes(UTF_8), 0777))
          .isInstanceOf(LinuxException.class)
          .hasMessageContaining("ELOOP");
      assertThat(permissions(file)).isEqualTo("rw-------");
    }
  }

  private static String permissions(Path file) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
  }
}
