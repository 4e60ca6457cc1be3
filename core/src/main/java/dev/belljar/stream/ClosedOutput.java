package dev.belljar.stream;

import java.io.IOException;
import java.io.OutputStream;

/** The stream to an input that is no pipe. */
final class ClosedOutput {
  static final OutputStream STREAM =
      new OutputStream() {
        @Override
        public void write(int value) throws IOException {
          throw new IOException("the process's input is not a pipe");
        }
      };

  private ClosedOutput() {}
}
