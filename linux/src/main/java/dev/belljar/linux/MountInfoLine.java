package dev.belljar.linux;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * A line of mountinfo being parsed, word by word.
 *
 * <p>Words are separated by exactly one space, as the source of a mount may be an empty word.
 */
final class MountInfoLine {
  private static final int MAX_ID = Integer.MAX_VALUE;

  private final byte[] line;
  private int at;

  MountInfoLine(byte[] line) {
    this.line = line;
  }

  MountInfo parse() {
    int id = (int) Decimal.parse(text(word()), MAX_ID, "mount id");
    int parentId = (int) Decimal.parse(text(word()), MAX_ID, "parent id");
    DeviceNumber device = DeviceNumber.parse(text(word()));
    BytePath root = BytePath.reported(word());
    BytePath mountPoint = BytePath.reported(word());
    List<String> options = List.of(text(word()).split(",", -1));
    List<String> optionalFields = new ArrayList<>();
    for (String field = text(word()); !field.equals("-"); field = text(word())) {
      optionalFields.add(field);
    }
    String type = text(word());
    ByteString source = ByteString.ofBytes(word());
    return new MountInfo(
        id,
        parentId,
        device,
        root,
        mountPoint,
        options,
        optionalFields,
        type,
        source,
        superOptions());
  }

  /** The next word, decoded; it must not be the last. */
  private byte[] word() {
    int end = indexOf(' ');
    if (end == line.length) {
      throw new IllegalArgumentException("it ends after " + at + " bytes");
    }
    byte[] word = OctalEscape.decode(line, at, end);
    at = end + 1;
    return word;
  }

  /** The rest of the line: some old file systems print a space in an option as it is. */
  private List<ByteString> superOptions() {
    List<ByteString> options = new ArrayList<>();
    int end;
    do {
      end = indexOf(',');
      options.add(ByteString.ofBytes(OctalEscape.decode(line, at, end)));
      at = end + 1;
    } while (end < line.length);
    return options;
  }

  private int indexOf(char wanted) {
    int i = at;
    while (i < line.length && line[i] != wanted) {
      i++;
    }
    return i;
  }

  private static String text(byte[] word) {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(word)).toString();
    } catch (CharacterCodingException e) {
      return ByteString.display(word);
    }
  }
}
