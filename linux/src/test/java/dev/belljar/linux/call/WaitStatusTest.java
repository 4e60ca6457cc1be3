package dev.belljar.linux.call;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class WaitStatusTest {
  private static final int EXITED = 1;
  private static final int KILLED = 2;
  private static final int DUMPED = 3;
  private static final int SEGV = 11;

  @Test
  void readsWhatWaitidTells() {
    assertThat(WaitStatus.ofSiginfo(EXITED, 7)).isEqualTo(new WaitStatus(true, 7, false));
    assertThat(WaitStatus.ofSiginfo(KILLED, 9)).isEqualTo(new WaitStatus(false, 9, false));
    assertThat(WaitStatus.ofSiginfo(DUMPED, SEGV)).isEqualTo(new WaitStatus(false, SEGV, true));
  }

  @Test
  void readsWhatWait4Tells() {
    assertThat(WaitStatus.ofRaw(7 << 8)).isEqualTo(new WaitStatus(true, 7, false));
    assertThat(WaitStatus.ofRaw(255 << 8)).isEqualTo(new WaitStatus(true, 255, false));
    assertThat(WaitStatus.ofRaw(9)).isEqualTo(new WaitStatus(false, 9, false));
    assertThat(WaitStatus.ofRaw(SEGV | 0x80)).isEqualTo(new WaitStatus(false, SEGV, true));
  }

  @Test
  void hasTheCodeThatShellsGive() {
    assertThat(WaitStatus.ofSiginfo(EXITED, 7).code()).isEqualTo(7);
    assertThat(WaitStatus.ofSiginfo(KILLED, 9).code()).isEqualTo(137);
  }

  @Test
  void saysItInWords() {
    assertThat(WaitStatus.ofSiginfo(EXITED, 1)).hasToString("exited with 1");
    assertThat(WaitStatus.ofSiginfo(KILLED, 9).toString()).startsWith("killed by SIGKILL");
    assertThat(WaitStatus.ofSiginfo(DUMPED, SEGV).toString()).endsWith(", core dumped");
  }
}
