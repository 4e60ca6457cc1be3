package dev.belljar;

import dev.belljar.linux.Finding;
import dev.belljar.linux.LinuxException;
import dev.belljar.linux.call.Threads;
import dev.belljar.namespaces.attach.Sweep;
import java.util.List;
import java.util.Optional;

/** Removes what killed JVMs left in this JVM's own network. */
final class NetworkSweep {
  private static boolean begun;
  private static Optional<Thread> running = Optional.empty();

  private NetworkSweep() {}

  /** Removes it now. */
  static Swept now() {
    try {
      return new Swept(List.of(), Sweep.here(), List.of());
    } catch (LinuxException e) {
      Finding finding = Finding.pitfall("could not sweep the network: " + e.getMessage());
      return new Swept(List.of(), List.of(), List.of(finding));
    }
  }

  /**
   * Removes it once in this JVM, beside what else happens: the first start does not wait for it. A
   * bridge that is made is not in the way of one that was left, since making it sweeps too.
   */
  static synchronized void once() {
    if (begun) {
      return;
    }
    begun = true;
    Thread thread = new Thread(null, NetworkSweep::now, "belljar-network-sweep", 0, false);
    thread.setDaemon(true);
    thread.setContextClassLoader(null);
    running = Optional.of(thread);
    thread.start();
  }

  /** Waits until what was begun is over. */
  static void await() {
    Optional<Thread> thread;
    synchronized (NetworkSweep.class) {
      thread = running;
      running = Optional.empty();
    }
    thread.ifPresent(Threads::join);
  }
}
