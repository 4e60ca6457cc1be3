package dev.belljar.cgroups;

import dev.belljar.cgroups.tree.FlatKeyed;
import java.util.Optional;

/** How a control file shows a value that was written to it. */
enum Contents {
  /** The file is the value. */
  WHOLE {
    @Override
    Optional<String> shown(String contents, String written) {
      return Optional.of(contents);
    }

    @Override
    String restoring(String before, String written) {
      return before.isEmpty() ? "\n" : before; // a newline clears a cpuset
    }
  },

  /** A line for each key, none where nothing was written; {@code 0} takes a line away. */
  LINES {
    @Override
    Optional<String> shown(String contents, String written) {
      return line(contents, written);
    }

    @Override
    String restoring(String before, String written) {
      return line(before, written).orElse(key(written) + " 0");
    }
  },

  /** A line for each key, none where nothing was written; {@code default} takes a line away. */
  DEFAULT_LINES {
    @Override
    Optional<String> shown(String contents, String written) {
      return line(contents, written);
    }

    @Override
    String restoring(String before, String written) {
      return line(before, written).orElse(key(written) + " default");
    }
  },

  /** The lines of {@code io.max} and {@code rdma.max}: a key, then {@code name=value} pairs. */
  PAIRS {
    @Override
    Optional<String> shown(String contents, String written) {
      return line(contents, written);
    }

    @Override
    String restoring(String before, String written) {
      return line(before, written)
          .orElse(written.replaceAll("=[^ ]+", "=max")); // no line is no limit
    }
  },

  /** {@code memory.oom_control}, which takes a number and shows it as one of several keys. */
  OOM_CONTROL {
    @Override
    Optional<String> shown(String contents, String written) {
      return FlatKeyed.value(contents, "oom_kill_disable").stream()
          .mapToObj(Long::toString)
          .findFirst();
    }

    @Override
    String restoring(String before, String written) {
      return shown(before, written).orElse("0");
    }
  };

  /** What the file says of the value; empty when it does not show it. */
  abstract Optional<String> shown(String contents, String written);

  /** What has to be written to undo a write. */
  abstract String restoring(String before, String written);

  private static String key(String written) {
    return written.substring(0, written.indexOf(' '));
  }

  private static Optional<String> line(String contents, String written) {
    return contents.lines().filter(line -> line.startsWith(key(written) + " ")).findFirst();
  }
}
