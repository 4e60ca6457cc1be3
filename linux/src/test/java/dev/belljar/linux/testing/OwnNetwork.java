package dev.belljar.linux.testing;

import static dev.belljar.linux.call.Strace.check;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.belljar.linux.Descriptor;
import dev.belljar.linux.call.FileCalls;
import dev.belljar.linux.call.OpenFlags;
import dev.belljar.linux.syscall.Syscall;
import dev.belljar.linux.syscall.SyscallNumber;
import dev.belljar.linux.uapi.Uapi;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/**
 * A new network namespace without a process, which plays the host or a container: no test makes
 * links, addresses or rules in the machine's own.
 */
public final class OwnNetwork implements AutoCloseable {
  private final Descriptor descriptor;

  private OwnNetwork(Descriptor descriptor) {
    this.descriptor = descriptor;
  }

  /**
   * Makes one.
   *
   * @return the namespace, in which everything is down
   */
  public static OwnNetwork make() {
    return new OwnNetwork(
        onAThread(() -> {
          check(
              Syscall.call(SyscallNumber.UNSHARE, Uapi.CLONE_NEWNET()),
              () -> "unshare(CLONE_NEWNET)");
          return FileCalls.open("/proc/thread-self/ns/net", OpenFlags.O_RDONLY);
        }));
  }

  /**
   * Opens one that is there already, such as a container's.
   *
   * @param path its file
   * @return the namespace
   */
  public static OwnNetwork open(String path) {
    return new OwnNetwork(FileCalls.open(path, OpenFlags.O_RDONLY));
  }

  /**
   * Returns a file that stands for it.
   *
   * @return a path, good until it is closed
   */
  public String path() {
    return "/proc/" + ProcessHandle.current().pid() + "/fd/" + descriptor.number();
  }

  /**
   * Runs something inside, on a thread that ends with it.
   *
   * @param work what to run: calls of ours and blocking channels only, since pools and carriers
   *     that it starts would stay inside
   * @return what it returned
   */
  public <T> T inside(Callable<T> work) {
    return onAThread(() -> {
      check(
          Syscall.call(SyscallNumber.SETNS, descriptor.number(), Uapi.CLONE_NEWNET()),
          () -> "setns(" + descriptor + ", CLONE_NEWNET)");
      return work.call();
    });
  }

  /**
   * Runs a program inside.
   *
   * @param command the program and its arguments
   * @return what it printed
   * @throws AssertionError when it fails
   */
  public String run(String... command) {
    List<String> all = new ArrayList<>(List.of("nsenter", "--net=" + path(), "--"));
    all.addAll(List.of(command));
    try {
      Process process = new ProcessBuilder(all).redirectErrorStream(true).start();
      process.getOutputStream().close();
      String output = new String(process.getInputStream().readAllBytes(), UTF_8);
      int status = process.waitFor();
      if (status != 0) {
        throw new AssertionError(all + " ended with " + status + ": " + output);
      }
      return output;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  /**
   * Makes a firewall table with a chain that drops what is forwarded, as somebody else might.
   *
   * @param table its name
   * @param chain the chain's name
   */
  public void dropForwarded(String table, String chain) {
    dropForwarded(table, chain, Uapi.NFPROTO_INET());
  }

  /**
   * Makes such a chain of one family.
   *
   * @param table its name
   * @param chain the chain's name
   * @param family {@code NFPROTO_*}
   */
  public void dropForwarded(String table, String chain, int family) {
    inside(() -> {
      DroppingChain.make(table, chain, family);
      return null;
    });
  }

  /**
   * Makes a chain whose last rule drops what is forwarded.
   *
   * @param table its name
   * @param chain the chain's name
   */
  public void dropForwardedByRule(String table, String chain) {
    inside(() -> {
      DroppingChain.makeByRule(table, chain);
      return null;
    });
  }

  private static <T> T onAThread(Callable<T> work) {
    FutureTask<T> task = new FutureTask<>(work);
    Thread thread =
        Thread.ofPlatform()
            .name("own-network")
            .inheritInheritableThreadLocals(false)
            .unstarted(task);
    thread.start();
    try {
      T result = task.get();
      thread.join();
      return result;
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw new AssertionError(e.getCause());
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Override
  public void close() {
    descriptor.close();
  }
}
