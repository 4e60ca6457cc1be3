package dev.belljar.namespaces;

import dev.belljar.linux.LinuxException;
import dev.belljar.namespaces.inside.ForeignThread;
import dev.belljar.namespaces.inside.JdkThreads;
import dev.belljar.namespaces.inside.LeftThreads;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;

/**
 * Runs Java code inside namespaces, each time on a new thread that ends with it: what setns(2) and
 * unshare(2) do to a thread.
 *
 * <p>Such code must start no thread that outlives it: it would stay inside for good. The JDK's own
 * threads are started before, outside; afterwards every thread of this JVM is looked at.
 */
final class ThreadNamespaces {
  private ThreadNamespaces() {}

  static <T> T call(Namespace namespace, Callable<T> code) throws Exception {
    requirePossible(namespace.type());
    JdkThreads.startOutside();
    Outcome<T> outcome = new Outcome<>();
    try {
      outcome.value =
          ForeignThread.call(
              "belljar-call",
              () -> ForeignThread.enter(namespace.descriptor(), namespace.type().flag()),
              code);
    } catch (Exception | Error e) {
      outcome.failure = e;
    }
    outcome.leftIn(namespace);
    return outcome.get();
  }

  static <T> T unshare(Callable<T> code, NamespaceType... types) throws Exception {
    Set<NamespaceType> set = EnumSet.noneOf(NamespaceType.class);
    set.addAll(Arrays.asList(types));
    set.forEach(ThreadNamespaces::requirePossible);
    JdkThreads.startOutside();
    Outcome<T> outcome = new Outcome<>();
    NamespaceSet[] made = new NamespaceSet[1];
    try {
      outcome.value =
          ForeignThread.call(
              "belljar-call",
              () -> {
                ForeignThread.unshare(NamespaceType.flags(set));
                made[0] = ofThread(set);
              },
              code);
    } catch (Exception | Error e) {
      outcome.failure = e;
    }
    if (made[0] != null) {
      try (NamespaceSet all = made[0]) {
        all.types().forEach(type -> outcome.leftIn(all.get(type)));
      }
    }
    return outcome.get();
  }

  private static NamespaceSet ofThread(Set<NamespaceType> types) {
    return NamespaceSet.open(types, type -> "/proc/thread-self/ns/" + type.fileName());
  }

  private static void requirePossible(NamespaceType type) {
    String reason =
        switch (type) {
          case PID -> "it holds only for processes started afterwards, not for a thread";
          case TIME -> "it holds only for processes started afterwards, not for a thread";
          case USER -> "the kernel lets only a process of a single thread in, and a JVM has many";
          case CGROUP, IPC, MOUNT, NET, UTS -> "";
        };
    if (!reason.isEmpty()) {
      throw new UnsupportedOperationException(
          "Java code cannot run in another "
              + type
              + " namespace: "
              + reason
              + "; exec a command into a container that has it, or join it");
    }
  }

  /** What became of the code. */
  private static final class Outcome<T> {
    private T value;
    private Throwable failure;

    private void leftIn(Namespace namespace) {
      List<String> left;
      try {
        left = LeftThreads.find(namespace.type().fileName(), namespace.device(), namespace.inode());
      } catch (LinuxException e) {
        add(e);
        return;
      }
      if (!left.isEmpty()) {
        add(new ThreadLeftInsideException(namespace, left));
      }
    }

    private void add(RuntimeException later) {
      if (failure == null) {
        failure = later;
      } else {
        failure.addSuppressed(later);
      }
    }

    private T get() throws Exception {
      if (failure instanceof Error error) {
        throw error;
      }
      if (failure instanceof Exception exception) {
        throw exception;
      }
      return value;
    }
  }
}
