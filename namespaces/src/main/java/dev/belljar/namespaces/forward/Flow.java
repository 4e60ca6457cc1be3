package dev.belljar.namespaces.forward;

import dev.belljar.linux.call.InetCalls;
import dev.belljar.linux.call.Pipe;
import dev.belljar.linux.call.SpliceCalls;
import dev.belljar.linux.uapi.Uapi;
import java.lang.foreign.MemorySegment;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * One direction of a connection: moves bytes from one socket to the other until the end.
 *
 * <p>While its thread waits for bytes, it is lent to the event loop's thread, which moves a little
 * on by itself, as in an exchange of short messages: that spares the change to this flow's thread.
 * What may take longer, or does not go on at once, is left to that.
 *
 * <p>The end of the input becomes the end of the output. A reset of either socket becomes one of
 * the other: at once when bytes cannot be delivered, else after what was received before it.
 */
final class Flow extends Waiter {
  private static final long MOST = 1 << 20;
  private static final long LITTLE = 4 << 10;
  private static final long MOST_BY_LOOP = 64 << 10;

  private final Relay relay;
  private final Endpoint source;
  private final Endpoint target;
  private Optional<Pipe> pipe = Optional.empty();
  private long held;
  private boolean wasLittle = true;
  private OptionalLong unread = OptionalLong.empty(); // the result of a read by the loop's thread
  private boolean lent; // all of these are the loop's thread's own then, within this lock
  private volatile boolean finished;

  Flow(Relay relay, Endpoint source, Endpoint target) {
    this.relay = relay;
    this.source = source;
    this.target = target;
  }

  /** Whether everything has been passed on, the end included. */
  boolean isFinished() {
    return finished;
  }

  @Override
  public void run() {
    try {
      while (!relay.isAborted() && step()) {}
    } catch (RuntimeException | Error failure) {
      relay.failed(failure);
    } finally {
      if (pipe.isPresent()) {
        giveBackPipe();
      }
      relay.ended(this);
    }
  }

  private boolean step() {
    if (held > 0) {
      return drain();
    }
    if (unread.isPresent()) {
      long result = unread.getAsLong();
      unread = OptionalLong.empty();
      return nothingReceived(result);
    }
    if (pipe.isEmpty()) {
      pipe = relay.pipes().take();
    }
    if (pipe.isEmpty()) {
      return copy();
    }
    long count = receive(MOST);
    return count > 0 ? drain() : nothingReceived(count);
  }

  /** Fills the pipe, or gives it back. */
  private long receive(long most) {
    long count = SpliceCalls.splice(source.fd, pipe.orElseThrow().write().number(), most);
    if (count > 0) {
      held = count;
      wasLittle = count < LITTLE;
    } else {
      giveBackPipe();
    }
    return count;
  }

  private void giveBackPipe() {
    relay.pipes().giveBack(pipe.orElseThrow(), held == 0);
    pipe = Optional.empty();
  }

  private boolean drain() {
    long count = send();
    if (count < 0) {
      return notSent(count);
    }
    if (held > 0 || !wasLittle) {
      return true;
    }
    giveBackPipe(); // there is hardly more to read, so this is not tried: the kernel tells
    return await(source, true);
  }

  private long send() {
    long count = SpliceCalls.splice(pipe.orElseThrow().read().number(), target.fd, held);
    held -= Math.max(0, count);
    return count;
  }

  @Override
  synchronized boolean readable(boolean failed) {
    if (lent && wasLittle && !failed && !relay.isAborted() && moveOn()) {
      return false;
    }
    return super.readable(failed);
  }

  /**
   * Moves what has come on the loop's thread; whether that was all and there is a wait for more.
   */
  private boolean moveOn() {
    try {
      pipe = relay.pipes().take();
      if (pipe.isEmpty()) {
        return false;
      }
      long count = receive(MOST_BY_LOOP);
      if (count <= 0) {
        unread = OptionalLong.of(count);
        return false;
      }
      send(); // if it fails it does so again, for this flow's thread
      if (held == 0) {
        giveBackPipe();
      }
      return held == 0 && wasLittle;
    } catch (RuntimeException | Error failure) {
      relay.failed(failure);
      return false;
    }
  }

  // What cannot be sent stays in the socket it came from, so nothing is kept meanwhile.
  private boolean copy() {
    MemorySegment buffer = relay.buffers().take();
    long sent;
    try {
      long count = InetCalls.peek(source.fd, buffer.address(), CopyBuffers.SIZE);
      if (count <= 0) {
        return nothingReceived(count);
      }
      sent = InetCalls.send(target.fd, buffer.address(), count);
    } finally {
      relay.buffers().giveBack(buffer);
    }
    if (sent < 0) {
      return notSent(sent);
    }
    for (long left = sent; left > 0; ) {
      left -= Math.max(0, InetCalls.discard(source.fd, left));
      if (source.hasFailed()) {
        return true; // it says what happened when it is read next
      }
    }
    return true;
  }

  private boolean nothingReceived(long result) {
    if (result == 0 && !source.hasFailed()) {
      InetCalls.endOutput(target.fd); // a failure of the target is told to the other flow
      finished = true;
      relay.finishedOne(source);
      return false;
    }
    if (isTemporary(result)) {
      return await(source, true);
    }
    relay.abort();
    return false;
  }

  private boolean notSent(long result) {
    if (isTemporary(result)) {
      return await(target, false);
    }
    // What the target has sent before it failed is for its own flow to deliver.
    target.fail();
    relay.wakeReader(target);
    return false;
  }

  private static boolean isTemporary(long result) {
    return result == -Uapi.EAGAIN() || result == -Uapi.EINTR();
  }

  private boolean await(Endpoint endpoint, boolean readable) {
    aboutToWait();
    try {
      if (readable) {
        lend(true);
        endpoint.wakeWhenReadable(this);
      } else {
        endpoint.wakeWhenWritable(this);
        source.watchForErrors();
      }
      if (!cannotGoOn()) {
        await();
      }
    } finally {
      lend(false);
    }
    return !relay.isAborted();
  }

  private synchronized void lend(boolean toTheLoop) {
    lent = toTheLoop;
  }

  // Bytes of a failed source that cannot be sent now are lost; a failed source has no more.
  private boolean cannotGoOn() {
    if (relay.isAborted()) {
      return true;
    }
    if (source.hasFailed() || (target.hasFailed() && relay.isReaderFinished(target))) {
      relay.abort();
      return true;
    }
    return false;
  }
}
