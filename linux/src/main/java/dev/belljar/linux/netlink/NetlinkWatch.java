package dev.belljar.linux.netlink;

import dev.belljar.linux.Descriptor;
import dev.belljar.linux.Errno;
import dev.belljar.linux.LinuxException;
import dev.belljar.linux.call.Closing;
import dev.belljar.linux.event.EventLoop;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Hears what the kernel tells everybody about changes.
 *
 * <p>Its handlers run on the event loop's thread, so they must be short and never call foreign
 * code.
 */
public final class NetlinkWatch implements AutoCloseable {
  private static final int ADD_MEMBERSHIP = 1; // NETLINK_ADD_MEMBERSHIP
  private static final int BUFFER = 64 << 10;

  private final Descriptor descriptor;
  private final MemorySegment buffer = Arena.ofAuto().allocate(BUFFER, 8);
  private final Consumer<NetlinkMessage> handler;
  private final Runnable lost;
  private final EventLoop.Watch watch;

  private NetlinkWatch(Descriptor descriptor, Consumer<NetlinkMessage> handler, Runnable lost) {
    this.descriptor = descriptor;
    this.handler = handler;
    this.lost = lost;
    this.watch = EventLoop.shared().watch(descriptor.number(), this::receive);
  }

  /**
   * Begins to listen.
   *
   * @param descriptor a netlink socket, opened in the network namespace to listen to, which becomes
   *     the new object's
   * @param groups such as {@code RTNLGRP_LINK}
   * @param handler gets each message
   * @param lost is told that some were lost, because more came than the socket's buffer holds
   * @return what ends it
   * @throws LinuxException when the kernel refuses; the descriptor is closed then
   */
  public static NetlinkWatch start(
      Descriptor descriptor,
      List<Integer> groups,
      Consumer<NetlinkMessage> handler,
      Runnable lost) {
    try {
      NetlinkCalls.bind(descriptor.number());
      for (int group : groups) {
        NetlinkCalls.setOption(descriptor.number(), ADD_MEMBERSHIP, group);
      }
      return new NetlinkWatch(descriptor, handler, lost);
    } catch (RuntimeException | Error failure) {
      Closing.after(failure, descriptor);
      throw failure;
    }
  }

  // Several at once, but not for ever: the loop has others to look after.
  private synchronized void receive() {
    for (int i = 0; i < 64 && !descriptor.isClosed(); i++) {
      Optional<List<NetlinkMessage>> messages;
      try {
        messages = NetlinkCalls.receive(descriptor.number(), buffer, NetlinkCalls.DO_NOT_WAIT);
      } catch (LinuxException e) {
        if (!e.is(Errno.ENOBUFS)) {
          throw e;
        }
        lost.run();
        continue;
      }
      if (messages.isEmpty()) {
        return;
      }
      messages.get().forEach(handler);
    }
  }

  /** Ends it; no handler runs afterwards, unless it is this call that it makes. */
  @Override
  public synchronized void close() {
    if (!descriptor.isClosed()) {
      try {
        watch.cancel();
      } finally {
        descriptor.close();
      }
    }
  }
}
