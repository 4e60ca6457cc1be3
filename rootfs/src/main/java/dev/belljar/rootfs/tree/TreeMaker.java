package dev.belljar.rootfs.tree;

import dev.belljar.linux.Descriptor;
import dev.belljar.linux.LinuxException;
import dev.belljar.linux.call.DirectoryCalls;
import dev.belljar.linux.call.FileCalls;
import dev.belljar.linux.call.LinkBatch;
import dev.belljar.linux.call.OpenFlags;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.stream.IntStream;

/**
 * Makes many directories and files in a directory that nobody else changes, by calls relative to
 * open directories, on several threads.
 *
 * <p>What is in a directory is made by one thread, as the kernel lets only one at a time; so is a
 * directory itself, if there is none in it.
 */
public final class TreeMaker {
  /**
   * The threads that pay off: file systems in memory have few locks, and they are the machine's.
   */
  private static final int MOST_THREADS = 4;

  private static final int FEWEST_DIRECTORIES_FOR_THREADS = 64;
  private static final int CHUNK = 16;
  private static final int MODE = 0755;

  /**
   * A directory and what is to be made in it.
   *
   * @param path from the top
   * @param isThere whether it need not be made itself
   * @param isEmpty whether nothing is to be made in it
   * @param content makes what is in it, less directories
   */
  public record Folder(
      byte[] path, boolean isThere, boolean isEmpty, Consumer<NodeMaker> content) {}

  private final int top;
  private final List<Folder> folders;

  private TreeMaker(int top, List<Folder> folders) {
    this.top = top;
    this.folders = folders;
  }

  /**
   * Makes them.
   *
   * @param top the directory in which everything is made
   * @param parents paths of directories to be made before all else, each after the one it is in
   * @param folders all directories, in any order: those that are not there yet, which have none in
   *     them, are made with what is in them
   * @param threads how many threads; 0 for as many as pay off
   * @throws LinuxException when something cannot be made; a part is there then
   */
  public static void make(int top, List<byte[]> parents, List<Folder> folders, int threads) {
    for (byte[] parent : parents) {
      DirectoryCalls.make(top, parent, MODE);
    }
    int count =
        threads > 0
            ? threads
            : folders.size() < FEWEST_DIRECTORIES_FOR_THREADS
                ? 1
                : Math.min(MOST_THREADS, Runtime.getRuntime().availableProcessors());
    new TreeMaker(top, folders).fill(count);
  }

  /**
   * Makes them one after the other.
   *
   * @param top the directory in which everything is made
   * @param folders directories, each after the one it is in
   * @throws LinuxException when something cannot be made; a part is there then
   */
  public static void make(int top, List<Folder> folders) {
    new TreeMaker(top, folders).fill(1);
  }

  private void fill(int threads) {
    AtomicInteger next = new AtomicInteger();
    List<CompletableFuture<Void>> others =
        IntStream.range(1, threads)
            .mapToObj(_ -> {
              CompletableFuture<Void> done = new CompletableFuture<>();
              Thread.ofPlatform()
                  .daemon()
                  .name("belljar-tree")
                  .start(() -> {
                    try {
                      fill(next);
                      done.complete(null);
                    } catch (RuntimeException | Error e) {
                      done.completeExceptionally(e);
                    }
                  });
              return done;
            })
            .toList();
    RuntimeException failure = null;
    try {
      fill(next);
    } catch (RuntimeException e) {
      next.set(folders.size());
      failure = e;
    }
    for (CompletableFuture<Void> other : others) {
      try {
        other.join();
      } catch (CompletionException e) {
        if (failure == null && e.getCause() instanceof RuntimeException cause) {
          failure = cause;
        }
      }
    }
    if (failure != null) {
      throw failure;
    }
  }

  private void fill(AtomicInteger next) {
    try (LinkBatch links = new LinkBatch()) {
      while (true) {
        int from = next.getAndAdd(CHUNK);
        if (from >= folders.size()) {
          return;
        }
        for (Folder folder : folders.subList(from, Math.min(from + CHUNK, folders.size()))) {
          fill(folder, links);
        }
      }
    }
  }

  private void fill(Folder folder, LinkBatch links) {
    if (!folder.isThere()) {
      DirectoryCalls.make(top, folder.path(), MODE);
    }
    if (folder.isEmpty()) {
      return;
    }
    int flags = OpenFlags.O_PATH | OpenFlags.O_DIRECTORY | OpenFlags.O_NOFOLLOW;
    try (Descriptor directory = FileCalls.open(top, folder.path(), flags, 0)) {
      folder.content().accept(new NodeMaker(directory.number(), links));
      links.make(directory.number());
    }
  }
}
