package dev.belljar.rootfs.tree;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;

/** Several threads for the parts of one work. */
final class Workers {
  private Workers() {}

  /**
   * Does the work, its first part on the calling thread, and waits for all of it.
   *
   * @param parts how many there are
   * @param work is told the number of its part
   * @throws RuntimeException the first failure of a part; the others have ended, too
   */
  static void run(int parts, IntConsumer work) {
    List<CompletableFuture<Void>> others =
        IntStream.range(1, parts).mapToObj(part -> start(() -> work.accept(part))).toList();
    RuntimeException failure = null;
    try {
      work.accept(0);
    } catch (RuntimeException e) {
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

  private static CompletableFuture<Void> start(Runnable work) {
    CompletableFuture<Void> done = new CompletableFuture<>();
    Thread.ofPlatform()
        .daemon()
        .name("belljar-tree")
        .start(() -> {
          try {
            work.run();
            done.complete(null);
          } catch (RuntimeException | Error e) {
            done.completeExceptionally(e);
          }
        });
    return done;
  }
}
