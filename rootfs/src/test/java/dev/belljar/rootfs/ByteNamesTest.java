package dev.belljar.rootfs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belljar.linux.testing.Effort;
import dev.belljar.linux.testing.KernelTest;
import dev.belljar.linux.testing.OtherJvm;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Names are bytes, whatever the locale of the JVM: those that {@code java.nio.file} loses too. */
@KernelTest
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class ByteNamesTest {
  /** In memory, where 10,000 directories are removed in no time. */
  private Path folder;

  @BeforeEach
  void makeFolder() throws IOException {
    folder = Files.createTempDirectory(Path.of("/dev/shm"), "names");
  }

  @AfterEach
  void removeFolder() throws IOException {
    Files.delete(folder);
  }

  @ParameterizedTest
  @CsvSource({"C,10000", "C.UTF-8,100"})
  void filesOfAnyNameKindAndDepthAreToldCopiedAndRemoved(String locale, int levels) {
    int deep = Effort.of(levels);
    String longest = ByteNames.hex(ByteNames.longest());
    try (OtherJvm jvm = OtherJvm.start("LC_ALL=" + locale + " exec \"$@\"", ByteNames.class)) {
      List<String> told = jvm.ask(folder + " " + deep);
      List<String> names =
          List.of("61ff", "620a63", "6831", "6880", "6c", "70", "73", "7a", longest);
      assertThat(told)
          .startsWith(names.toArray(String[]::new))
          .endsWith(
              String.join(",", names),
              "linked true",
              "target 2fff",
              "10644",
              "140644",
              "sparse true",
              "deep " + deep,
              "left 0");
    }
  }
}
