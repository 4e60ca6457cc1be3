package dev.belljar.linux.netlink;

import dev.belljar.linux.uapi.Uapi;
import dev.belljar.linux.uapi.nlmsghdr;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;

/**
 * A netlink message, without its header's sequence number, which the socket gives.
 *
 * @param text what it asks, for errors, such as {@code RTM_NEWLINK "eth0"}; empty for an answer
 * @param type its type, such as {@code RTM_NEWLINK}
 * @param flags its flags, such as {@code NLM_F_CREATE}
 * @param sequence its number, 0 in a request not sent yet
 * @param body what follows the header: a struct, then attributes
 */
public record NetlinkMessage(String text, int type, int flags, int sequence, MemorySegment body) {
  /** Checks that nothing is missing. */
  public NetlinkMessage {
    Objects.requireNonNull(text, "text");
    Objects.requireNonNull(body, "body");
  }

  /**
   * Makes a request.
   *
   * @param text what it asks, for errors
   * @param type its type
   * @param flags its flags, besides {@code NLM_F_REQUEST}
   * @param content writes its body
   * @return the message
   */
  public static NetlinkMessage request(
      String text, int type, int flags, Consumer<MessageWriter> content) {
    MessageWriter writer = new MessageWriter();
    content.accept(writer);
    return new NetlinkMessage(text, type, flags | Uapi.NLM_F_REQUEST(), 0, writer.written());
  }

  /**
   * Reads the attributes behind the struct.
   *
   * @param structSize the struct's size in bytes
   * @return the attributes
   * @throws IllegalArgumentException when the message is malformed
   */
  public Attributes attributes(long structSize) {
    long start = MessageWriter.aligned(structSize);
    if (start > body.byteSize()) {
      throw new IllegalArgumentException(
          "a message of %d bytes is too short for a struct of %d"
              .formatted(body.byteSize(), structSize));
    }
    return Attributes.read(body.asSlice(start));
  }

  /** Tells whether a flag is set. */
  public boolean has(int flag) {
    return (flags & flag) != 0;
  }

  NetlinkMessage numbered(int number, int moreFlags) {
    return new NetlinkMessage(text, type, flags | moreFlags, number, body);
  }

  /** The bytes that go over the socket, padded to four. */
  long size() {
    return nlmsghdr.sizeof() + MessageWriter.aligned(body.byteSize());
  }

  void writeTo(MemorySegment memory) {
    nlmsghdr.nlmsg_len(memory, (int) (nlmsghdr.sizeof() + body.byteSize()));
    nlmsghdr.nlmsg_type(memory, (short) type);
    nlmsghdr.nlmsg_flags(memory, (short) flags);
    nlmsghdr.nlmsg_seq(memory, sequence);
    nlmsghdr.nlmsg_pid(memory, 0);
    MemorySegment.copy(body, 0, memory, nlmsghdr.sizeof(), body.byteSize());
  }

  /**
   * Takes a datagram apart.
   *
   * @param datagram one or more messages
   * @return the messages, whose bodies lie in the datagram
   * @throws IllegalArgumentException when it is malformed
   */
  static List<NetlinkMessage> read(MemorySegment datagram) {
    List<NetlinkMessage> messages = new ArrayList<>();
    long offset = 0;
    while (offset < datagram.byteSize()) {
      MemorySegment rest = datagram.asSlice(offset);
      long length = rest.byteSize() < nlmsghdr.sizeof() ? -1 : nlmsghdr.nlmsg_len(rest);
      if (length < nlmsghdr.sizeof() || length > rest.byteSize()) {
        throw new IllegalArgumentException(
            "malformed netlink message at byte %d of %d".formatted(offset, datagram.byteSize()));
      }
      messages.add(
          new NetlinkMessage(
              "",
              nlmsghdr.nlmsg_type(rest) & 0xffff,
              nlmsghdr.nlmsg_flags(rest) & 0xffff,
              nlmsghdr.nlmsg_seq(rest),
              rest.asSlice(nlmsghdr.sizeof(), length - nlmsghdr.sizeof())));
      offset += MessageWriter.aligned(length);
    }
    return messages;
  }
}
