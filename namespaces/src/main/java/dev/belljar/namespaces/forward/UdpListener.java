package dev.belljar.namespaces.forward;

import dev.belljar.linux.Descriptor;
import dev.belljar.linux.Errno;
import dev.belljar.linux.LinuxException;
import dev.belljar.linux.call.Closing;
import dev.belljar.linux.call.InetCalls;
import dev.belljar.linux.call.PacketInfoCalls;
import dev.belljar.linux.call.Strace;
import dev.belljar.linux.syscall.Scratch;
import dev.belljar.linux.uapi.Uapi;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Passes on the datagrams that come to a published UDP port: those of each sender through a socket
 * of its own inside, so that answers find their way back.
 *
 * <p>At most 1,024 senders are known at a time; the one that has not sent for the longest time goes
 * first. Datagrams that cannot be passed on at once are lost, as UDP is.
 */
final class UdpListener extends Waiter implements PublishedPort {
  private static final int MOST_PEERS = 1024;

  private final Forwarding forwarding;
  private final Stocks stocks;
  private final Endpoint outside;
  private final Publication publication;
  private final Map<UdpSender, UdpPeer> peers = new LinkedHashMap<>(16, 0.75f, true);
  private int running = 1;
  private volatile boolean closed;

  private UdpListener(
      Forwarding forwarding, Stocks stocks, Endpoint outside, Publication publication) {
    this.forwarding = forwarding;
    this.stocks = stocks;
    this.outside = outside;
    this.publication = publication;
  }

  /** Begins to pass on. */
  static UdpListener start(
      Forwarding forwarding, Stocks stocks, Descriptor socket, Publication publication) {
    UdpListener listener = new UdpListener(forwarding, stocks, new Endpoint(socket), publication);
    listener.start();
    return listener;
  }

  @Override
  public Publication publication() {
    return publication;
  }

  CopyBuffers buffers() {
    return forwarding.buffers();
  }

  @Override
  public void run() {
    try {
      while (!closed) {
        if (!passOn()) {
          aboutToWait();
          outside.wakeWhenReadable(this);
          if (!closed) {
            await();
          }
        }
      }
    } catch (RuntimeException | Error failure) {
      forwarding.report(failure);
    } finally {
      endedOne();
    }
  }

  private boolean passOn() {
    MemorySegment buffer = buffers().take();
    try {
      PacketInfoCalls.Arrival arrival = receive(buffer);
      arrival
          .sender()
          .flatMap(from -> peer(new UdpSender(from, arrival.receiver())))
          .ifPresent(peer -> peer.send(buffer.address(), arrival.size()));
      return arrival.size() != -Uapi.EAGAIN(); // other errors are those of datagrams sent before
    } finally {
      buffers().giveBack(buffer);
    }
  }

  private PacketInfoCalls.Arrival receive(MemorySegment buffer) {
    if (publication.address().isAnyLocalAddress()) {
      return PacketInfoCalls.receive(outside.fd, buffer);
    }
    try (Scratch scratch = Scratch.open()) {
      MemorySegment sender = scratch.allocate(InetCalls.ADDRESS_SIZE);
      long size = InetCalls.receiveFrom(outside.fd, buffer, sender);
      return new PacketInfoCalls.Arrival(
          size,
          size < 0 ? Optional.empty() : Optional.of(InetCalls.address(sender)),
          Optional.empty());
    }
  }

  private Optional<UdpPeer> peer(UdpSender from) {
    synchronized (peers) {
      UdpPeer known = peers.get(from);
      if (known != null) {
        return Optional.of(known);
      }
    }
    UdpPeer peer;
    try {
      peer = new UdpPeer(this, from, socket());
    } catch (LinuxException e) {
      return Optional.empty(); // the datagram is lost, as UDP is
    }
    remember(from, peer);
    peer.start();
    return Optional.of(peer);
  }

  /** Makes a socket that speaks to the server inside. */
  private Endpoint socket() {
    Descriptor inside = stocks.orLookingAnew(this::connected);
    try {
      return new Endpoint(inside);
    } catch (RuntimeException | Error failure) {
      Closing.after(failure, inside);
      throw failure;
    }
  }

  private Descriptor connected() {
    Reach reach = reach();
    Descriptor inside = stocks.inside().socket(reach, InetCalls.SOCK_DGRAM);
    try {
      Strace.check(
          InetCalls.connect(inside.number(), reach.to(publication.containerPort())),
          () -> "connect(%d, %s)".formatted(inside.number(), reach.address()));
      return inside;
    } catch (LinuxException e) {
      Closing.after(e, inside);
      throw e;
    }
  }

  private void remember(UdpSender from, UdpPeer peer) {
    synchronized (peers) {
      if (peers.size() >= MOST_PEERS) {
        peers.values().iterator().next().abort();
      }
      peers.put(from, peer);
      running++;
    }
  }

  // A refused datagram is told of too late to send it elsewhere, so it is asked first.
  private Reach reach() {
    List<Reach> reaches = stocks.reaches();
    if (reaches.size() == 1) {
      return reaches.getFirst();
    }
    Set<OpenPorts.Family> open;
    try {
      open = OpenPorts.find(stocks.inside(), Protocol.UDP, publication.containerPort());
    } catch (LinuxException e) {
      if (e.is(Errno.ENOENT) || Forwarding.isShortage(e)) { // the kernel cannot tell
        return reaches.getFirst();
      }
      throw e;
    }
    return open.equals(Set.of(OpenPorts.Family.V6)) ? reaches.get(1) : reaches.getFirst();
  }

  /** Sends an answer back. */
  void answer(UdpSender to, MemorySegment datagram) {
    var _ = // what has no room is lost
        to.to().isPresent()
            ? PacketInfoCalls.send(outside.fd, datagram, to.from(), to.to().get())
            : InetCalls.sendTo(outside.fd, datagram, to.from());
  }

  void ended(UdpSender from, UdpPeer peer) {
    synchronized (peers) {
      peers.remove(from, peer);
    }
    endedOne();
  }

  void report(Throwable failure) {
    forwarding.report(failure);
  }

  private void endedOne() {
    synchronized (peers) {
      running--;
      peers.notifyAll();
    }
  }

  @Override
  public void close() {
    closed = true;
    wake();
    List<UdpPeer> open;
    boolean interrupted = false;
    synchronized (peers) {
      open = new ArrayList<>(peers.values());
    }
    open.forEach(UdpPeer::abort);
    synchronized (peers) {
      while (running > 0) {
        peers.values().forEach(UdpPeer::abort); // one may have come meanwhile
        try {
          peers.wait();
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    outside.close(); // its number was in use until now
  }
}
