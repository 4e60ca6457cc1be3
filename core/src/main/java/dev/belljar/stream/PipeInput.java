package dev.belljar.stream;

import dev.belljar.linux.Descriptor;
import dev.belljar.linux.Errno;
import dev.belljar.linux.LinuxException;
import dev.belljar.linux.call.FileCalls;
import dev.belljar.linux.call.PollCalls;
import dev.belljar.linux.event.EventLoop;
import dev.belljar.linux.syscall.Scratch;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Objects;
import java.util.concurrent.locks.ReentrantLock;

/**
 * What a process writes, as a stream.
 *
 * <p>The descriptor is closed at the end of the stream. When the process has ended, what is still
 * in the pipe is kept in memory and the descriptor closed at once, so a stream that nobody reads or
 * closes holds nothing of the kernel's.
 */
public final class PipeInput extends InputStream {
  private static final int CHUNK = 8192;
  private static final int MOST_LEFT = 1 << 20; // /proc/sys/fs/pipe-max-size, for most users
  private static final long FOR_EVER = -1;

  private final ReentrantLock lock = new ReentrantLock();
  private final Descriptor pipe;
  private InputStream kept = InputStream.nullInputStream();
  private volatile boolean ended; // the process
  private volatile boolean closed;

  /**
   * Makes the stream.
   *
   * @param pipe the read end of a pipe, which becomes this object's
   */
  public PipeInput(Descriptor pipe) {
    this.pipe = pipe;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] buffer, int offset, int length) throws IOException {
    Objects.checkFromIndexSize(offset, length, buffer.length);
    if (length == 0) {
      return 0;
    }
    lock.lock();
    try {
      if (closed) {
        throw new IOException("the stream is closed");
      }
      if (pipe.isClosed()) {
        return kept.read(buffer, offset, length);
      }
      EventLoop.awaitReadable(pipe.number(), FOR_EVER);
      return readPipe(buffer, offset, Math.min(length, CHUNK));
    } catch (LinuxException e) {
      throw new IOException(e);
    } finally {
      letGo();
    }
  }

  // What was called while this thread had the lock left its work to it.
  private void letGo() throws IOException {
    lock.unlock();
    try {
      if (closed) {
        closePipe();
      } else if (ended) {
        processEnded();
      }
    } catch (LinuxException e) {
      throw new IOException(e);
    }
  }

  private int readPipe(byte[] buffer, int offset, int length) {
    try (Scratch scratch = Scratch.open()) {
      MemorySegment chunk = scratch.allocate(length);
      int count = readOrEnd(chunk);
      if (count == 0) {
        pipe.close();
        return -1;
      }
      MemorySegment.copy(chunk, ValueLayout.JAVA_BYTE, 0, buffer, offset, count);
      return count;
    }
  }

  // What nobody has open any more, on its other end, is an error of a terminal.
  private int readOrEnd(MemorySegment chunk) {
    try {
      return FileCalls.read(pipe.number(), chunk);
    } catch (LinuxException e) {
      if (e.is(Errno.EIO)) {
        return 0;
      }
      throw e;
    }
  }

  @Override
  public int available() throws IOException {
    lock.lock();
    try {
      if (closed || pipe.isClosed()) {
        return kept.available();
      }
      return PollCalls.bytesToRead(pipe.number());
    } catch (LinuxException e) {
      throw new IOException(e);
    } finally {
      letGo();
    }
  }

  /** Keeps what is in the pipe and closes it; a reader that waits does so when it has waited. */
  public void processEnded() {
    ended = true;
    if (!lock.tryLock()) {
      return;
    }
    try {
      if (pipe.isClosed()) {
        return;
      }
      ByteArrayOutputStream rest = new ByteArrayOutputStream();
      byte[] buffer = new byte[CHUNK];
      // The process can have left no more than a pipe holds: the rest is of others, who may go on.
      int most = Math.max(MOST_LEFT, PollCalls.bytesToRead(pipe.number()));
      while (rest.size() < most && PollCalls.awaitReadable(pipe.number(), 0)) {
        int count = readPipe(buffer, 0, CHUNK);
        if (count < 0) {
          break;
        }
        rest.write(buffer, 0, count);
      }
      pipe.close();
      kept = new ByteArrayInputStream(rest.toByteArray());
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void close() throws IOException {
    closed = true;
    try {
      closePipe();
    } catch (LinuxException e) {
      throw new IOException(e);
    }
  }

  private void closePipe() {
    if (!lock.tryLock()) {
      return; // the reader does it
    }
    try {
      pipe.close();
      kept = InputStream.nullInputStream();
    } finally {
      lock.unlock();
    }
  }
}
