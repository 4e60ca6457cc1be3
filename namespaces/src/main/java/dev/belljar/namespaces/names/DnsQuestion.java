package dev.belljar.namespaces.names;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Optional;

/**
 * A DNS query with one question, as all resolvers send them.
 *
 * @param id what the answer has to repeat
 * @param name what is asked for, in lower case, without the dot at its end
 * @param type of which kind an answer is wanted
 * @param end where the question ends in the message
 * @see <a href="https://www.rfc-editor.org/rfc/rfc1035">RFC 1035</a>
 */
record DnsQuestion(int id, String name, int type, int end) {
  static final int A = 1;
  static final int PTR = 12;
  static final int AAAA = 28;
  static final int ANY = 255;
  static final int HEADER_SIZE = 12;
  private static final int INTERNET = 1;
  private static final int RESPONSE = 0x8000;
  private static final int OPERATION = 0x7800;
  private static final int LONGEST_LABEL = 63;
  private static final int LONGEST_NAME = 255;

  /**
   * Reads a message.
   *
   * @return the question; empty when it is anything else than a query with one
   */
  static Optional<DnsQuestion> read(byte[] message) {
    ByteBuffer buffer = ByteBuffer.wrap(message);
    try {
      int id = buffer.getShort() & 0xffff;
      int flags = buffer.getShort() & 0xffff;
      int questions = buffer.getShort() & 0xffff;
      buffer.position(HEADER_SIZE);
      if ((flags & (RESPONSE | OPERATION)) != 0 || questions != 1) {
        return Optional.empty();
      }
      Optional<String> name = name(buffer);
      int type = buffer.getShort() & 0xffff;
      int network = buffer.getShort() & 0xffff;
      return network == INTERNET
          ? name.map(text -> new DnsQuestion(id, text, type, buffer.position()))
          : Optional.empty();
    } catch (BufferUnderflowException | IllegalArgumentException malformed) {
      return Optional.empty();
    }
  }

  private static Optional<String> name(ByteBuffer buffer) {
    StringBuilder name = new StringBuilder();
    while (true) {
      int length = buffer.get() & 0xff;
      if (length == 0) {
        return Optional.of(name.toString().toLowerCase(Locale.ROOT));
      }
      if (length > LONGEST_LABEL || name.length() + length > LONGEST_NAME) {
        return Optional.empty(); // a question has no pointers
      }
      byte[] label = new byte[length];
      buffer.get(label);
      if (!name.isEmpty()) {
        name.append('.');
      }
      name.append(new String(label, StandardCharsets.ISO_8859_1));
    }
  }
}
