package dev.belljar.linux.netlink;

import static dev.belljar.linux.netlink.NetlinkCalls.DO_NOT_WAIT;
import static dev.belljar.linux.netlink.NetlinkCalls.WAIT;

import dev.belljar.linux.Descriptor;
import dev.belljar.linux.Errno;
import dev.belljar.linux.LinuxException;
import dev.belljar.linux.call.Closing;
import dev.belljar.linux.uapi.Uapi;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A netlink socket: it speaks for the network namespace it was opened in, wherever it is used.
 *
 * <p>The kernel answers each request before the call that sends it returns, so no exchange waits
 * for long. A socket may be used by several threads, one after the other.
 *
 * @see <a href="https://man7.org/linux/man-pages/man7/netlink.7.html">netlink(7)</a>
 */
public final class NetlinkSocket implements AutoCloseable {
  private static final int EXT_ACK = 11; // NETLINK_EXT_ACK, Linux 4.12
  private static final int CAP_ACK = 10; // NETLINK_CAP_ACK, Linux 4.3
  private static final int STRICT_CHECK = 12; // NETLINK_GET_STRICT_CHK, Linux 4.20
  private static final int BUFFER = 64 << 10; // the kernel's datagrams of a dump have up to 32 KiB
  private static final int MOST_TRIES = 100;

  private final Descriptor descriptor;
  private final MemorySegment buffer = Arena.ofAuto().allocate(BUFFER, 8);
  private int sequence;
  private boolean unread; // an exchange ended before its last answer

  private NetlinkSocket(Descriptor descriptor) {
    this.descriptor = descriptor;
  }

  /**
   * Opens a socket in the network namespace of the calling thread.
   *
   * @param protocol such as {@code NETLINK_ROUTE}
   * @return the socket
   * @throws LinuxException when the kernel refuses
   */
  public static NetlinkSocket open(int protocol) {
    return on(NetlinkCalls.socket(protocol));
  }

  /**
   * Makes a socket of a descriptor, which may have been opened in another network namespace.
   *
   * @param descriptor a netlink socket, which becomes the new object's
   * @return the socket
   * @throws LinuxException when the kernel refuses; the descriptor is closed then
   */
  public static NetlinkSocket on(Descriptor descriptor) {
    try {
      for (int option : new int[] {EXT_ACK, CAP_ACK, STRICT_CHECK}) {
        NetlinkCalls.setOption(descriptor.number(), option, 1);
      }
      return new NetlinkSocket(descriptor);
    } catch (RuntimeException | Error failure) {
      Closing.after(failure, descriptor);
      throw failure;
    }
  }

  /**
   * Sends a request and waits until it is done.
   *
   * @param request the request
   * @return what was answered besides the acknowledgement: a message, or none
   * @throws LinuxException when the kernel refuses; it says what the kernel said
   */
  public synchronized List<NetlinkMessage> request(NetlinkMessage request) {
    NetlinkMessage sent = request.numbered(++sequence, Uapi.NLM_F_ACK());
    send(List.of(sent));
    return collect(sent).messages();
  }

  /**
   * Asks for all objects of a kind. When they change meanwhile, so that some may be missing or
   * there twice, it is asked again.
   *
   * @param request the request, without {@code NLM_F_DUMP}
   * @return the objects
   * @throws LinuxException when the kernel refuses, EAGAIN when they change all the time
   */
  public synchronized List<NetlinkMessage> dump(NetlinkMessage request) {
    for (int i = 0; i < MOST_TRIES; i++) {
      NetlinkMessage sent = request.numbered(++sequence, Uapi.NLM_F_DUMP());
      send(List.of(sent));
      Answer answer = collect(sent);
      if (!answer.interrupted()) {
        return answer.messages();
      }
    }
    throw new LinuxException(
        Errno.EAGAIN.number(),
        "netlink " + request.text(),
        "",
        "what was asked for changed during each of " + MOST_TRIES + " answers");
  }

  /**
   * Sends several requests as one datagram, as nf_tables wants its transactions, and waits until
   * they are done: all or none.
   *
   * @param requests the requests; those with {@code NLM_F_ACK} are acknowledged
   * @throws LinuxException of the first one that the kernel refuses
   */
  public synchronized void transaction(List<NetlinkMessage> requests) {
    List<NetlinkMessage> sent = new ArrayList<>();
    for (NetlinkMessage request : requests) {
      sent.add(request.numbered(++sequence, 0));
    }
    send(sent);
    long acknowledged = sent.stream().filter(request -> request.has(Uapi.NLM_F_ACK())).count();
    Optional<LinuxException> failure = Optional.empty();
    while (acknowledged > 0 && failure.isEmpty()) {
      for (NetlinkMessage answer : receive()) {
        Optional<NetlinkMessage> request =
            sent.stream().filter(one -> one.sequence() == answer.sequence()).findFirst();
        if (answer.type() == Uapi.NLMSG_ERROR() && request.isPresent()) {
          acknowledged--;
          failure = failure.or(() -> Refusal.of(request.get(), answer));
        }
      }
    }
    unread = acknowledged > 0;
    failure.ifPresent(refused -> {
      throw refused;
    });
  }

  private record Answer(List<NetlinkMessage> messages, boolean interrupted) {}

  private Answer collect(NetlinkMessage request) {
    List<NetlinkMessage> messages = new ArrayList<>();
    boolean interrupted = false;
    while (true) {
      for (NetlinkMessage message : receive()) {
        if (message.sequence() != request.sequence()) {
          continue; // not an answer to this
        }
        interrupted |= message.has(Uapi.NLM_F_DUMP_INTR());
        if (message.type() == Uapi.NLMSG_ERROR() || message.type() == Uapi.NLMSG_DONE()) {
          unread = false;
          Refusal.of(request, message)
              .ifPresent(refused -> {
                throw refused;
              });
          return new Answer(messages, interrupted);
        }
        messages.add(message);
      }
    }
  }

  private void send(List<NetlinkMessage> messages) {
    while (unread && NetlinkCalls.receive(descriptor.number(), buffer, DO_NOT_WAIT).isPresent()) {
      // As long as some of a dump is to be read, the kernel refuses the next one with EBUSY.
    }
    unread = true;
    long size = messages.stream().mapToLong(NetlinkMessage::size).sum();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment datagram = arena.allocate(size, 8);
      long offset = 0;
      for (NetlinkMessage message : messages) {
        message.writeTo(datagram.asSlice(offset, message.size()));
        offset += message.size();
      }
      NetlinkCalls.send(descriptor.number(), datagram);
    }
  }

  private List<NetlinkMessage> receive() {
    return NetlinkCalls.receive(descriptor.number(), buffer, WAIT).orElseThrow();
  }

  /** Closes the socket; what it owns in the kernel, such as a table of nf_tables, goes with it. */
  @Override
  public void close() {
    descriptor.close();
  }
}
