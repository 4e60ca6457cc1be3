package dev.belljar;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StdioTest extends ContainerTest {
  private static final int BIG = 4 << 20; // many times what a pipe holds

  @TempDir private Path dir;

  @Test
  void pipesAreTheDefault() throws Exception {
    try (Container container = sh("read line; echo got $line; echo oops >&2").start()) {
      try (OutputStream input = container.process().getOutputStream()) {
        input.write("hello\n".getBytes(StandardCharsets.UTF_8));
      }
      Outcome outcome = Outcome.of(container.process());
      assertThat(outcome.out()).isEqualTo("got hello");
      assertThat(outcome.err()).isEqualTo("oops");
    }
  }

  @Test
  void aBigOutputComesThroughWhole() throws Exception {
    try (Container container = sh("head -c " + BIG + " /dev/zero | tr '\\0' x").start()) {
      byte[] expected = new byte[BIG];
      Arrays.fill(expected, (byte) 'x');
      assertThat(container.process().getInputStream().readAllBytes()).isEqualTo(expected);
    }
  }

  @Test
  void whatGoesIntoCatComesOutOfIt() throws Exception {
    byte[] data = new byte[BIG];
    new Random(1).nextBytes(data);
    for (boolean virtual : new boolean[] {false, true}) {
      try (Container container = sh("exec cat").start()) {
        Thread writer =
            (virtual ? Thread.ofVirtual() : Thread.ofPlatform())
                .start(() -> {
                  try (OutputStream input = container.process().getOutputStream()) {
                    input.write(data);
                  } catch (IOException e) {
                    throw new AssertionError(e);
                  }
                });
        assertThat(container.process().getInputStream().readAllBytes()).isEqualTo(data);
        writer.join();
        assertThat(container.waitFor()).isZero();
      }
    }
  }

  @Test
  void virtualThreadsReadAndWriteToo() throws Exception {
    try (Container container = sh("exec cat").start()) {
      ByteArrayOutputStream result = new ByteArrayOutputStream();
      Thread reader =
          Thread.ofVirtual()
              .start(() -> {
                try {
                  container.process().getInputStream().transferTo(result);
                } catch (IOException e) {
                  throw new AssertionError(e);
                }
              });
      for (int i = 0; i < 10; i++) {
        container
            .process()
            .getOutputStream()
            .write(("line " + i + "\n").getBytes(StandardCharsets.UTF_8));
      }
      container.process().getOutputStream().close();
      reader.join();
      assertThat(result.toString(StandardCharsets.UTF_8).lines())
          .hasSize(10)
          .last()
          .isEqualTo("line 9");
    }
  }

  @Test
  void outputStaysReadableAfterTheEnd() throws Exception {
    try (Container container = sh("echo out; echo err >&2").start()) {
      assertThat(container.waitFor()).isZero();
      assertThat(container.process().getInputStream().available()).isEqualTo(4);
      assertThat(container.process().inputReader().readLine()).isEqualTo("out");
      assertThat(container.process().errorReader().readLine()).isEqualTo("err");
    }
  }

  @Test
  void linesArriveAsTheyAreWritten() throws Exception {
    try (Container container = sh("echo first; read x; echo second").start()) {
      BufferedReader output = container.process().inputReader();
      assertThat(output.readLine()).isEqualTo("first");
      container.process().outputWriter().append('\n').flush();
      assertThat(output.readLine()).isEqualTo("second");
      assertThat(output.readLine()).isNull();
    }
  }

  @Test
  void writingToAProcessThatHasEndedFails() throws Exception {
    try (Container container = sh("exec true").start()) {
      container.waitFor();
      OutputStream input = container.process().getOutputStream();
      assertThatThrownBy(() -> input.write(1)).isInstanceOf(IOException.class);
      input.close();
    }
  }

  @Test
  void writingToAnInputThatNobodyReadsFailsWithEpipe() throws Exception {
    try (Container container = sh("exec <&-; echo closed; sleep 100").start()) {
      assertThat(container.process().inputReader().readLine()).isEqualTo("closed");
      assertThatThrownBy(() -> container.process().getOutputStream().write(1))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("EPIPE");
    }
  }

  @Test
  void aClosedOutputEndsTheWriter() throws Exception {
    try (Container container = sh("exec yes").start()) {
      InputStream output = container.process().getInputStream();
      assertThat(output.read()).isEqualTo('y');
      output.close();
      assertThat(container.process().waitFor(DEADLINE.toSeconds(), TimeUnit.SECONDS)).isTrue();
      assertThatThrownBy(output::read).isInstanceOf(IOException.class);
    }
  }

  @Test
  void filesAreReadEmptiedAndAddedTo() throws Exception {
    Path in = Files.writeString(dir.resolve("in"), "from a file");
    Path out = Files.writeString(dir.resolve("out"), "what was there before, and is longer");
    Path log = Files.writeString(dir.resolve("log"), "before\n");
    ContainerBuilder builder =
        sh("cat; echo after >&2")
            .stdin(Stdio.file(in))
            .stdout(Stdio.file(out))
            .stderr(Stdio.append(log));

    assertThat(run(builder).status().isSuccess()).isTrue();
    assertThat(out).hasContent("from a file");
    assertThat(log).hasContent("before\nafter\n");
  }

  @Test
  void aFileIsMadeWhereThereIsNone() {
    Path out = dir.resolve("new");
    assertThat(run(sh("echo made").stdout(Stdio.file(out))).output()).isEmpty();
    assertThat(out).hasContent("made\n");
  }

  @Test
  void aFileThatCannotBeOpenedIsTold() {
    Path none = dir.resolve("none/file");
    assertThatThrownBy(() -> sh("true").stdout(Stdio.file(none)).start())
        .isInstanceOf(ContainerException.class)
        .hasMessageContaining("standard stream")
        .hasMessageContaining(none.toString())
        .hasMessageContaining("ENOENT");
    assertThatThrownBy(() -> sh("true").stdin(Stdio.file(dir.resolve("none"))).start())
        .isInstanceOf(ContainerException.class)
        .hasMessageContaining("ENOENT");
  }

  @Test
  void discardReadsNothingAndWritesNowhere() {
    ContainerBuilder builder =
        sh("read x && exit 1; echo lost; echo lost >&2; exec ls -l /proc/self/fd")
            .stdin(Stdio.discard())
            .stdout(Stdio.discard())
            .stderr(Stdio.discard());
    Outcome outcome = run(builder);
    assertThat(outcome.status().isSuccess()).isTrue();
    assertThat(outcome.out() + outcome.err()).isEmpty();
  }

  @Test
  void theSameFileForBothKeepsBoth() throws Exception {
    Path log = dir.resolve("both");
    ContainerBuilder builder =
        sh("echo out; echo err >&2; echo out").stdout(Stdio.append(log)).stderr(Stdio.append(log));
    run(builder);
    assertThat(log).hasContent("out\nerr\nout\n");
  }

  @Test
  void withoutAPipeTheStreamsAreEmpty() throws Exception {
    try (Container container =
        sh("true").stdin(Stdio.discard()).stdout(Stdio.discard()).stderr(Stdio.discard()).start()) {
      assertThat(container.process().getInputStream().readAllBytes()).isEmpty();
      assertThat(container.process().getErrorStream().readAllBytes()).isEmpty();
      assertThatThrownBy(() -> container.process().getOutputStream().write(1))
          .isInstanceOf(IOException.class);
      container.waitFor();
    }
  }
}
