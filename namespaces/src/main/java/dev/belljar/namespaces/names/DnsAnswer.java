package dev.belljar.namespaces.names;

import java.io.ByteArrayOutputStream;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Writes answers to DNS queries. */
final class DnsAnswer {
  private static final int AUTHORITATIVE = 0x8000 | 0x0400 | 0x0080; // response, recursion offered
  private static final int RECURSION_DESIRED = 0x0100;
  private static final int SERVER_FAILED = 2;
  private static final int POINTER_TO_QUESTION = 0xc000 | DnsQuestion.HEADER_SIZE;
  private static final int INTERNET = 1;
  private static final int SECONDS_TO_KEEP = 1; // containers come and go
  private static final int LONGEST_LABEL = 63;

  private DnsAnswer() {}

  /** Gives the addresses of the name that was asked for; none when it has no such ones. */
  static byte[] addresses(byte[] query, DnsQuestion question, List<InetAddress> addresses) {
    List<byte[]> values = addresses.stream().map(InetAddress::getAddress).toList();
    int type = values.isEmpty() || values.getFirst().length == 4 ? DnsQuestion.A : DnsQuestion.AAAA;
    return answer(query, question, type, values);
  }

  /** Gives the name of the address that was asked for. */
  static byte[] name(byte[] query, DnsQuestion question, String name) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    for (String label : name.split("\\.")) {
      byte[] text = label.getBytes(StandardCharsets.ISO_8859_1);
      int length = Math.min(text.length, LONGEST_LABEL);
      bytes.write(length);
      bytes.write(text, 0, length);
    }
    bytes.write(0);
    return answer(query, question, DnsQuestion.PTR, List.of(bytes.toByteArray()));
  }

  private static byte[] answer(byte[] query, DnsQuestion question, int type, List<byte[]> values) {
    int size = question.end() + values.stream().mapToInt(value -> 12 + value.length).sum();
    byte[] bytes = begin(query, question, size, 0);
    ByteBuffer answer = ByteBuffer.wrap(bytes).position(question.end());
    answer.putShort(6, (short) values.size());
    for (byte[] value : values) {
      answer
          .putShort((short) POINTER_TO_QUESTION)
          .putShort((short) type)
          .putShort((short) INTERNET)
          .putInt(SECONDS_TO_KEEP)
          .putShort((short) value.length)
          .put(value);
    }
    return bytes;
  }

  /** Says that nobody could be asked. */
  static byte[] failure(byte[] query, DnsQuestion question) {
    return begin(query, question, question.end(), SERVER_FAILED);
  }

  private static byte[] begin(byte[] query, DnsQuestion question, int size, int code) {
    byte[] bytes = new byte[size];
    System.arraycopy(query, 0, bytes, 0, question.end());
    ByteBuffer header = ByteBuffer.wrap(bytes);
    int asked = header.getShort(2) & RECURSION_DESIRED;
    header.putShort(2, (short) (AUTHORITATIVE | asked | code));
    header.putShort(4, (short) 1).putShort(6, (short) 0).putShort(8, (short) 0);
    header.putShort(10, (short) 0);
    return bytes;
  }
}
