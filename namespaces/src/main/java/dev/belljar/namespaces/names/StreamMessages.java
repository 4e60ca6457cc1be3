package dev.belljar.namespaces.names;

import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * DNS messages in a stream, each behind its length.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc1035#section-4.2.2">RFC 1035, 4.2.2</a>
 */
final class StreamMessages {
  private StreamMessages() {}

  /** Reads the next one; empty at the end. */
  static Optional<byte[]> read(InputStream from) throws IOException {
    DataInputStream input = new DataInputStream(from);
    int length;
    try {
      length = input.readUnsignedShort();
    } catch (EOFException end) {
      return Optional.empty();
    }
    byte[] message = new byte[length];
    input.readFully(message);
    return Optional.of(message);
  }

  /** Writes one, in one piece. */
  static void write(OutputStream to, byte[] message) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(2 + message.length);
    bytes.putShort((short) message.length).put(message);
    to.write(bytes.array());
  }
}
