package dev.belljar.rootfs.tree;

import dev.belljar.linux.Descriptor;
import dev.belljar.linux.Errno;
import dev.belljar.linux.LinuxException;
import dev.belljar.linux.call.DirectoryCalls;
import dev.belljar.linux.call.FileCalls;
import dev.belljar.linux.call.FileDetails;
import dev.belljar.linux.call.NodeCalls;
import dev.belljar.linux.call.OpenFlags;
import dev.belljar.linux.call.RootedCalls;
import dev.belljar.linux.call.Strace;
import dev.belljar.linux.syscall.Syscall;
import dev.belljar.linux.syscall.SyscallNumber;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
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

  /** A file to be made. */
  public sealed interface Node permits Link, Copy {}

  /**
   * A symbolic link to be made.
   *
   * @param name its name
   * @param target what it says
   */
  public record Link(byte[] name, byte[] target) implements Node {}

  /**
   * A file to be copied.
   *
   * @param name the copy's name
   * @param source the path of the file
   * @param base the path of the directory in which that one is looked up as if it were the root
   *     directory; empty for the root directory itself
   */
  public record Copy(byte[] name, byte[] source, Optional<byte[]> base) implements Node {}

  /**
   * A directory and what is to be made in it.
   *
   * @param path from the top
   * @param isThere whether it need not be made itself
   * @param nodes gives what is in it, less directories, to the thread that makes that
   */
  public record Folder(byte[] path, boolean isThere, Supplier<List<Node>> nodes) {}

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
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment memory = arena.allocate(3L * 4096);
      while (true) {
        int from = next.getAndAdd(CHUNK);
        if (from >= folders.size()) {
          return;
        }
        for (Folder folder : folders.subList(from, Math.min(from + CHUNK, folders.size()))) {
          fill(folder, memory);
        }
      }
    }
  }

  private void fill(Folder folder, MemorySegment memory) {
    if (!folder.isThere()) {
      DirectoryCalls.make(top, folder.path(), MODE);
    }
    List<Node> nodes = folder.nodes().get();
    if (nodes.isEmpty()) {
      return;
    }
    int flags = OpenFlags.O_PATH | OpenFlags.O_DIRECTORY | OpenFlags.O_NOFOLLOW;
    try (Descriptor directory = FileCalls.open(top, folder.path(), flags, 0)) {
      for (Node node : nodes) {
        switch (node) {
          case Link link -> link(directory.number(), link, memory);
          case Copy copy -> copy(directory.number(), copy);
        }
      }
    }
  }

  // Without an object or an allocation: of this there are many.
  private static void link(int directory, Link node, MemorySegment memory) {
    int target = node.target().length;
    int name = node.name().length;
    if (target + name + 2 > memory.byteSize()) {
      NodeCalls.symlink(node.target(), directory, node.name());
      return;
    }
    MemorySegment.copy(node.target(), 0, memory, ValueLayout.JAVA_BYTE, 0, target);
    memory.set(ValueLayout.JAVA_BYTE, target, (byte) 0);
    MemorySegment.copy(node.name(), 0, memory, ValueLayout.JAVA_BYTE, target + 1L, name);
    memory.set(ValueLayout.JAVA_BYTE, target + 1L + name, (byte) 0);
    long address = memory.address();
    long result = Syscall.call(SyscallNumber.SYMLINKAT, address, directory, address + target + 1);
    if (Syscall.failed(result)) {
      throw new LinuxException(
          (int) -result,
          "symlinkat(%s, %d, %s)"
              .formatted(Strace.quote(node.target()), directory, Strace.quote(node.name())));
    }
  }

  private static void copy(int directory, Copy node) {
    int writing = OpenFlags.O_WRONLY | OpenFlags.O_CREAT | OpenFlags.O_EXCL | OpenFlags.O_NOFOLLOW;
    try (Descriptor found = find(node)) {
      FileDetails details = FileDetails.of(found.number(), new byte[0]).orElseThrow();
      if (details.type() != FileDetails.REGULAR) {
        throw new LinuxException(
            Errno.EINVAL.number(),
            "openat(AT_FDCWD, " + Strace.quote(node.source()) + ", O_RDONLY)",
            "copying a file into a tree",
            "only regular files can be copied");
      }
      try (Descriptor source = FileCalls.reopen(found, OpenFlags.O_RDONLY);
          Descriptor target = FileCalls.open(directory, node.name(), writing, 0600)) {
        NodeCopy.copyData(source.number(), target.number(), details.size());
      }
      NodeCalls.changeMode(directory, node.name(), details.mode());
    }
  }

  // To open a device is enough to make some do something, so what it is comes first.
  private static Descriptor find(Copy node) {
    return node.base().isPresent()
        ? RootedCalls.open(node.base().get(), node.source(), OpenFlags.O_PATH)
        : FileCalls.open(Syscall.AT_FDCWD, node.source(), OpenFlags.O_PATH, 0);
  }
}
