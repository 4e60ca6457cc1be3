package dev.belljar.rootfs;

import dev.belljar.linux.BytePath;
import dev.belljar.linux.ByteString;
import dev.belljar.linux.OctalEscape;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Mounts as lines of fstab. */
final class Fstab {
  private static final String ESCAPED = " \t\n\\#";
  private static final int FEWEST_FIELDS = 4;
  private static final int MOST_FIELDS = 6;

  private Fstab() {}

  static Mount parse(ByteString line) {
    List<ByteString> fields = fields(line.bytes());
    if (fields.size() < FEWEST_FIELDS || fields.size() > MOST_FIELDS) {
      throw new IllegalArgumentException(
          "a line of fstab has a source, a target, a type, options and at most two numbers, not: "
              + line);
    }
    ByteString source = fields.get(0);
    BytePath target = BytePath.ofBytes(fields.get(1).bytes());
    MountOptions options = MountOptions.parse(fields.get(3));
    for (String kind : List.of("rbind", "bind")) {
      if (options.has(kind)) {
        return new BindMount(
            BytePath.ofBytes(source.bytes()),
            target,
            kind.equals("rbind"),
            options.without("bind").without("rbind"),
            Optional.empty(),
            Optional.empty());
      }
    }
    return new NewMount(fields.get(2).toString(), source, target, options);
  }

  static ByteString print(Mount mount) {
    return switch (mount) {
      case BindMount bind -> {
        requireNoMap(bind.ids(), bind.source());
        if (bind.base().isPresent()) {
          throw new IllegalStateException(
              "fstab has no word for a source within " + bind.base().get());
        }
        yield line(
            bind.source().bytes(),
            mount,
            "none",
            bind.options().with(bind.recursive() ? "rbind" : "bind"));
      }
      case NewMount made -> line(made.source().bytes(), mount, made.type(), made.options());
      case OverlayMount overlay -> {
        requireNoMap(overlay.overlay().ids(), overlay.overlay().lower().getFirst());
        yield line(utf8("overlay"), mount, "overlay", layers(overlay.overlay(), overlay.options()));
      }
    };
  }

  private static void requireNoMap(Optional<MountIds> ids, BytePath source) {
    if (ids.isPresent()) {
      throw new IllegalStateException(
          "fstab has no word for owners of " + source + " that are shown through a map");
    }
  }

  private static MountOptions layers(Overlay overlay, MountOptions options) {
    ByteArrayOutputStream lower = new ByteArrayOutputStream();
    lower.writeBytes(utf8("lowerdir="));
    char before = 0;
    List<BytePath> all = new ArrayList<>(overlay.lower());
    boolean isKept = overlay.upper().isPresent() && overlay.writable();
    if (!isKept) {
      overlay.upper().ifPresent(folder -> all.addFirst(folder.resolve("upper")));
    }
    for (BytePath layer : all) {
      if (before != 0) {
        lower.write(before);
      }
      escapeLayer(layer.bytes(), lower);
      before = ':';
    }
    MountOptions data = options.with(ByteString.ofBytes(lower.toByteArray()));
    if (!overlay.writable()) {
      data = data.with(MountAttribute.RDONLY);
    }
    if (isKept) {
      for (String kind : List.of("upper", "work")) {
        ByteArrayOutputStream folder = new ByteArrayOutputStream();
        folder.writeBytes(utf8(kind + "dir="));
        escapeLayer(overlay.upper().get().resolve(kind).bytes(), folder);
        data = data.with(ByteString.ofBytes(folder.toByteArray()));
      }
    }
    return data;
  }

  private static void escapeLayer(byte[] path, ByteArrayOutputStream to) {
    for (byte b : path) {
      if (b == ':' || b == ',' || b == '\\' || b == '"') {
        to.write('\\');
      }
      to.write(b);
    }
  }

  private static ByteString line(byte[] source, Mount mount, String type, MountOptions options) {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    OctalEscape.encode(line, source, ESCAPED);
    line.write(' ');
    OctalEscape.encode(line, mount.target().bytes(), ESCAPED);
    line.write(' ');
    OctalEscape.encode(line, utf8(type), ESCAPED);
    line.write(' ');
    OctalEscape.encode(line, options.text().bytes(), ESCAPED);
    line.writeBytes(utf8(" 0 0"));
    return ByteString.ofBytes(line.toByteArray());
  }

  private static List<ByteString> fields(byte[] line) {
    List<ByteString> fields = new ArrayList<>();
    int start = 0;
    for (int i = 0; i <= line.length; i++) {
      if (i == line.length || line[i] == ' ' || line[i] == '\t') {
        if (i > start) {
          fields.add(ByteString.ofBytes(OctalEscape.decode(line, start, i)));
        }
        start = i + 1;
      }
    }
    return fields;
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
