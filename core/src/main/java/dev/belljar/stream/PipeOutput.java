package dev.belljar.stream;

import dev.belljar.linux.Descriptor;
import dev.belljar.linux.LinuxException;
import dev.belljar.linux.call.FileCalls;
import dev.belljar.linux.event.EventLoop;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.Objects;
import java.util.concurrent.locks.ReentrantLock;

/** What a process reads, as a stream. It is not buffered: each write is one write to the pipe. */
public final class PipeOutput extends OutputStream {
  // A write of so much to a pipe that polls as writable does not block; see pipe(7), PIPE_BUF.
  private static final int CHUNK = 4096;

  private final ReentrantLock lock = new ReentrantLock();
  private final Descriptor pipe;
  private volatile boolean closed;

  /**
   * Makes the stream.
   *
   * @param pipe the write end of a pipe, which becomes this object's
   */
  public PipeOutput(Descriptor pipe) {
    this.pipe = pipe;
  }

  @Override
  public void write(int value) throws IOException {
    write(new byte[] {(byte) value}, 0, 1);
  }

  @Override
  public void write(byte[] buffer, int offset, int length) throws IOException {
    Objects.checkFromIndexSize(offset, length, buffer.length);
    lock.lock();
    try {
      for (int done = 0; done < length; ) {
        if (closed) {
          throw new IOException("the stream is closed");
        }
        int count = Math.min(CHUNK, length - done);
        int from = offset + done;
        EventLoop.awaitWritable(pipe.number());
        FileCalls.write(pipe.number(), Arrays.copyOfRange(buffer, from, from + count));
        done += count;
      }
    } catch (LinuxException e) {
      throw new IOException(e);
    } finally {
      lock.unlock();
      if (closed) {
        processEnded(); // it, or close(), was called while this thread had the lock
      }
    }
  }

  /** Closes the pipe, since nobody reads it any more. */
  public void processEnded() {
    closed = true;
    if (lock.tryLock()) {
      try {
        pipe.close();
      } finally {
        lock.unlock();
      }
    }
  }

  @Override
  public void close() throws IOException {
    try {
      processEnded();
    } catch (LinuxException e) {
      throw new IOException(e);
    }
  }
}
