package dev.belljar.cgroups;

import dev.belljar.cgroups.controller.CpuSet;
import dev.belljar.cgroups.controller.Limit;
import dev.belljar.cgroups.tree.FlatKeyed;
import dev.belljar.cgroups.tree.Words;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** How a control file shows a value that was written to it. */
enum Contents {
  /** The file is the value. */
  WHOLE {
    @Override
    Optional<String> shown(String contents, String written) {
      return Optional.of(contents);
    }
  },

  /** A number of bytes, which version 1 prints as a large one where none was set. */
  BYTES {
    @Override
    Optional<String> shown(String contents, String written) {
      return same(size(contents), size(written), contents, written);
    }
  },

  /** A list of processors or memory nodes, which the kernel prints with ranges. */
  LIST {
    @Override
    Optional<String> shown(String contents, String written) {
      return same(list(contents), list(written), contents, written);
    }
  },

  /** {@code cpu.max}: a quota and a period, of which the latter need not be written. */
  QUOTA {
    @Override
    Optional<String> shown(String contents, String written) {
      return Optional.of(contents.startsWith(written + " ") ? written : contents);
    }

    @Override
    String restoring(String before, String written) {
      return before;
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

  /**
   * A line for each key, none where nothing was written; {@code default} takes a line away. A
   * number without a key is that of the line {@code default}.
   */
  DEFAULT_LINES {
    @Override
    Optional<String> shown(String contents, String written) {
      return line(contents, keyed(written)).map(line -> isKeyed(written) ? line : number(line));
    }

    @Override
    String restoring(String before, String written) {
      return line(before, keyed(written)).orElse(key(written) + " default");
    }

    private boolean isKeyed(String written) {
      return written.indexOf(' ') > 0;
    }

    private String keyed(String written) {
      return isKeyed(written) ? written : "default " + written;
    }

    private String number(String line) {
      return line.substring(line.indexOf(' ') + 1);
    }
  },

  /** The lines of {@code io.max} and {@code rdma.max}: a key, then {@code name=value} pairs. */
  PAIRS {
    @Override
    Optional<String> shown(String contents, String written) {
      return line(contents, written).map(line -> pairs(line, written));
    }

    @Override
    String restoring(String before, String written) {
      return line(before, written)
          .orElse(written.replaceAll("=[^ ]+", "=max")); // no line is no limit
    }
  },

  /** The lines of {@code io.latency}: a disk, then a target, which 0 takes away. */
  TARGETS {
    @Override
    Optional<String> shown(String contents, String written) {
      return PAIRS.shown(contents, written);
    }

    @Override
    String restoring(String before, String written) {
      return line(before, written).orElse(written.replaceAll("=[^ ]+", "=0"));
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
  },

  /** {@code cgroup.subtree_control}: what is added and taken away, and then those there are. */
  SIGNED {
    @Override
    Optional<String> shown(String contents, String written) {
      boolean done = restoring(contents, written).equals(String.join(" ", Words.of(written)));
      return Optional.of(done ? written : contents);
    }

    @Override
    String restoring(String before, String written) {
      List<String> there = Words.of(before);
      return Words.of(written).stream()
          .map(word -> word.substring(1))
          .map(name -> (there.contains(name) ? "+" : "-") + name)
          .collect(Collectors.joining(" "));
    }
  };

  /**
   * What the file says of the value, in the words that were written where it means the same; empty
   * when it does not show it.
   */
  abstract Optional<String> shown(String contents, String written);

  /** What has to be written to undo a write. */
  String restoring(String before, String written) {
    return before.isEmpty() ? "\n" : before; // a newline clears a cpuset
  }

  private static String key(String written) {
    int blank = written.indexOf(' ');
    return blank < 0 ? written : written.substring(0, blank);
  }

  private static Optional<String> line(String contents, String written) {
    return contents.lines().filter(line -> line.startsWith(key(written) + " ")).findFirst();
  }

  /** Of a line the key and those pairs that were written, in their order. */
  private static String pairs(String line, String written) {
    List<String> there = Words.of(line);
    return Words.of(written).stream()
        .flatMap(word -> {
          String name = word.substring(0, word.indexOf('=') + 1);
          return name.isEmpty()
              ? Arrays.stream(new String[] {word})
              : there.stream().filter(each -> each.startsWith(name));
        })
        .collect(Collectors.joining(" "));
  }

  private static Optional<String> same(
      Optional<?> shown, Optional<?> asked, String contents, String written) {
    return Optional.of(shown.isPresent() && shown.equals(asked) ? written : contents);
  }

  private static Optional<Limit> size(String text) {
    try {
      return Optional.of(MemoryController.orUnlimited(Limit.ofSize(text)));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  private static Optional<CpuSet> list(String text) {
    try {
      return Optional.of(CpuSet.parse(text));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }
}
