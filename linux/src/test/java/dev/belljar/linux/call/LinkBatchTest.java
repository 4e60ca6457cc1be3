package dev.belljar.linux.call;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.belljar.linux.BytePath;
import dev.belljar.linux.Descriptor;
import dev.belljar.linux.LinuxException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LinkBatchTest {
  @TempDir private Path folder;

  private final LinkBatch links = new LinkBatch();
  private Descriptor directory;

  @BeforeEach
  void open() {
    directory = FileCalls.open(folder.toString(), OpenFlags.O_RDONLY);
  }

  @AfterEach
  void close() {
    directory.close();
    links.close();
  }

  private void add(String target, String name) {
    links.add(BytePath.of(target), directory.number(), BytePath.of(name));
  }

  private void make() {
    links.make(directory.number());
  }

  private String target(String name) throws IOException {
    return Files.readSymbolicLink(folder.resolve(name)).toString();
  }

  @Test
  void makesMoreThanItHoldsAtOnce() throws IOException {
    for (int i = 0; i < 1000; i++) {
      add("/target/of/" + i, "link" + i);
    }
    make();
    make(); // of nothing

    try (var all = Files.list(folder)) {
      assertThat(all).hasSize(1000);
    }
    for (int i = 0; i < 1000; i++) {
      assertThat(target("link" + i)).isEqualTo("/target/of/" + i);
    }
  }

  @Test
  void makesLongOnesWhoseTextsDoNotFitAtOnce() throws IOException {
    String prefix = "/x".repeat(2000) + "/"; // with a name, the most that a link can say
    for (int i = 0; i < 30; i++) {
      add(prefix + i, "l".repeat(250) + i);
    }
    make();

    for (int i = 0; i < 30; i++) {
      assertThat(target("l".repeat(250) + i)).isEqualTo(prefix + i);
    }
  }

  @Test
  void saysWhichOneCannotBeMade() throws IOException {
    add("/first", "one");
    add("/second", "one");
    add("/third", "three");

    assertThatThrownBy(this::make)
        .isInstanceOf(LinuxException.class)
        .hasMessageContaining("EEXIST")
        .hasMessageContaining("symlinkat(\"/second\", %d, \"one\")".formatted(directory.number()));
    assertThat(target("one")).isEqualTo("/first");
    assertThat(folder.resolve("three")).doesNotExist();
  }

  @Test
  void leavesItToTheKernelToRefuseWhatIsTooLong() {
    BytePath endless = BytePath.reported("x".repeat(40_000).getBytes(UTF_8));

    assertThatThrownBy(() -> links.add(endless, directory.number(), BytePath.of("name")))
        .isInstanceOf(LinuxException.class)
        .hasMessageContaining("ENAMETOOLONG");
  }
}
