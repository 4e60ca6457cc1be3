package dev.belljar;

import dev.belljar.linux.LinuxException;
import dev.belljar.linux.call.WaitStatus;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;

/** How processes of containers end, and what is thrown when their clean-up fails. */
final class Ending {
  private Ending() {}

  static ExitStatus status(Optional<WaitStatus> status, boolean oomKilled, boolean timedOut) {
    if (status.isEmpty()) {
      return new ExitStatus(ExitStatus.UNKNOWN_CODE, OptionalInt.empty(), oomKilled, timedOut);
    }
    WaitStatus known = status.get();
    OptionalInt signal = known.exited() ? OptionalInt.empty() : OptionalInt.of(known.value());
    return new ExitStatus(known.code(), signal, oomKilled, timedOut);
  }

  static ExitStatus now(CompletableFuture<ExitStatus> ended) {
    try {
      return ended.join();
    } catch (CompletionException e) {
      throw failure(e.getCause());
    }
  }

  static RuntimeException failure(ExecutionException e) {
    return failure(e.getCause());
  }

  private static RuntimeException failure(Throwable cause) {
    return switch (cause) {
      case LinuxException e -> new ContainerException("freeing what the container held", e);
      case Error e -> throw e;
      default -> new IllegalStateException("freeing what the container held: " + cause, cause);
    };
  }
}
