package dev.belljar.cgroups;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What files print is as Linux 6.1 and 6.18 did on the machines of the kernel tests. */
class ContentsTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          BYTES         | 9223372036854771712             | -1
          BYTES         | 9223372036852678656             | -1
          BYTES         | max                             | max
          BYTES         | 67108864                        | 64M
          LIST          | 0-1,3                           | 0,1,3
          QUOTA         | max 100000                      | max
          QUOTA         | 50000 100000                    | 50000
          QUOTA         | 50000 100000                    | 50000 100000
          PAIRS         | 7:0 rbps=5 wbps=max riops=max wiops=9 | 7:0 wiops=9 rbps=5
          DEFAULT_LINES | default 200                     | 200
          DEFAULT_LINES | default 200                     | default 200
          LINES         | lo 5                            | lo 5
          SIGNED        | cpu memory pids                 | +cpu -io
          OOM_CONTROL   | oom_kill_disable 1              | 1
          """)
  void whatMeansTheSameIsShownAsItWasWritten(Contents contents, String file, String written) {
    assertThat(contents.shown(file, written)).contains(written);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          BYTES         | 33554432                  | 33554433   | 33554432
          LIST          | 0                         | 0-1        | 0
          PAIRS         | 7:0 rbps=5 wbps=max       | 7:0 rbps=6 | 7:0 rbps=5
          DEFAULT_LINES | default 100               | 200        | 100
          SIGNED        | cpu                       | +cpu +io   | cpu
          """)
  void whatIsAnotherValueIsShownAsItIs(
      Contents contents, String file, String written, String shown) {
    assertThat(contents.shown(file, written)).contains(shown);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          WHOLE         | 5                         | 6                   | 5
          BYTES         | 9223372036854771712       | 4096                | 9223372036854771712
          LINES         | 7:0 5                     | 7:0 6               | 7:0 5
          LINES         | 7:0 5                     | 8:0 6               | 8:0 0
          DEFAULT_LINES | default 100               | 7:0 6               | 7:0 default
          DEFAULT_LINES | default 100               | 200                 | default 100
          PAIRS         | 7:0 rbps=5 wbps=max       | 8:0 rbps=6 wiops=2  | 8:0 rbps=max wiops=max
          TARGETS       | 7:0 target=5              | 8:0 target=6        | 8:0 target=0
          SIGNED        | cpu                       | -cpu +io            | +cpu -io
          """)
  void aWriteIsUndoneByWhatTheFileHeld(
      Contents contents, String before, String written, String restoring) {
    assertThat(contents.restoring(before, written)).isEqualTo(restoring);
  }

  @Test
  void anEmptyListIsANewline() {
    assertThat(Contents.LIST.restoring("", "0-1")).isEqualTo("\n");
  }
}
