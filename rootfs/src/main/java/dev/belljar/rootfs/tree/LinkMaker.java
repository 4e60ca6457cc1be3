package dev.belljar.rootfs.tree;

import dev.belljar.linux.LinuxException;
import dev.belljar.linux.call.Strace;
import dev.belljar.linux.launch.Child;
import dev.belljar.linux.launch.ExecVector;
import dev.belljar.linux.launch.Launch;
import dev.belljar.linux.launch.LaunchImage;
import dev.belljar.linux.launch.Launcher;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * Makes directories and very many symbolic links by processes that do nothing else: a JVM that has
 * just started interprets its calls, and takes several times as long.
 *
 * <p>Each process has some directories to itself. Those above them are made by whichever comes
 * first.
 */
final class LinkMaker {
  private static final long DEADLINE_NANOS = TimeUnit.MINUTES.toNanos(10);

  private final int top;
  private final List<TreeMaker.Folder> folders;

  private LinkMaker(int top, List<TreeMaker.Folder> folders) {
    this.top = top;
    this.folders = folders;
  }

  /**
   * Makes them; files to be copied are left out.
   *
   * @param top the directory in which everything is made
   * @param folders directories, each after the one it is in
   * @param processes how many at once
   * @throws LinuxException when something cannot be made; a part is there then
   */
  static void make(int top, List<TreeMaker.Folder> folders, int processes) {
    LinkMaker maker = new LinkMaker(top, folders);
    int[] ends = maker.parts(processes);
    try (LaunchImage image = LaunchImage.of(LinkProgram.of())) {
      Workers.run(processes, part -> maker.make(image, part == 0 ? 0 : ends[part - 1], ends[part]));
    }
  }

  /** Where each part ends, so that all have about as much to make. */
  private int[] parts(int count) {
    long total = folders.stream().mapToLong(folder -> 1 + folder.nodes().size()).sum();
    int[] ends = new int[count];
    long sum = 0;
    int part = 0;
    for (int i = 0; i < folders.size(); i++) {
      sum += 1 + folders.get(i).nodes().size();
      while (part < count && sum * count >= total * (part + 1)) {
        ends[part++] = i + 1;
      }
    }
    return ends;
  }

  private void make(LaunchImage image, int from, int to) {
    if (from == to) {
      return; // one directory may hold most of it
    }
    try (LinkList list = LinkList.begin()) {
      byte[] last = new byte[0];
      for (TreeMaker.Folder folder : folders.subList(from, to)) {
        add(folder, last, list);
        last = folder.path();
      }
      Launch launch =
          new Launch(
              image,
              ExecVector.of(List.of(), List.of()),
              0,
              0,
              Optional.empty(),
              List.of(top, list.end().number()),
              false,
              Optional.empty(),
              DEADLINE_NANOS);
      run(launch, list);
    }
  }

  private static void add(TreeMaker.Folder folder, byte[] last, LinkList list) {
    byte[] path = folder.path();
    for (int i = 1; i < path.length; i++) {
      if (path[i] == '/' && !isAtOrAbove(path, i, last)) {
        list.directory(Arrays.copyOf(path, i));
      }
    }
    list.directory(path);
    for (TreeMaker.Node node : folder.nodes()) {
      if (node instanceof TreeMaker.Link link) {
        list.link(link.name(), link.target());
      }
    }
  }

  /** Whether a path's beginning is a directory that was made with another one. */
  private static boolean isAtOrAbove(byte[] path, int length, byte[] other) {
    return other.length >= length
        && Arrays.equals(path, 0, length, other, 0, length)
        && (other.length == length || other[length] == '/');
  }

  private static void run(Launch launch, LinkList list) {
    Child child;
    try {
      child = Launcher.start(launch);
    } catch (LinuxException e) {
      throw list.current().map(entry -> failure(e, entry)).orElse(e);
    }
    child.await(DEADLINE_NANOS);
    var _ = child.status(); // or what failed when it was waited for
  }

  private static LinuxException failure(LinuxException reported, LinkList.Entry entry) {
    String text = Strace.quote(entry.text());
    String call =
        entry.name().length == 0
            ? "mkdirat(..., " + text + ", 0755)"
            : "symlinkat(" + text + ", ..., " + Strace.quote(entry.name()) + ")";
    LinuxException failure = new LinuxException(reported.errno(), call);
    failure.initCause(reported);
    return failure;
  }
}
