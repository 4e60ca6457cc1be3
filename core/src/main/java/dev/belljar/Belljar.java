package dev.belljar;

import dev.belljar.cgroups.JvmCgroups;
import dev.belljar.cgroups.SweepReport;
import dev.belljar.linux.Finding;
import dev.belljar.linux.launch.Launcher;
import dev.belljar.linux.syscall.Syscall;
import dev.belljar.program.ImageCache;
import dev.belljar.program.KeptDescriptors;
import java.util.ArrayList;
import java.util.List;

/** The library as a whole: what it keeps in this JVM, and what killed JVMs left behind. */
public final class Belljar {
  private Belljar() {}

  /**
   * Removes what containers of killed JVMs left on this host: control groups, and links in this
   * JVM's own network. The first start of a JVM does it too, for the places it uses itself.
   *
   * @return what was removed, and what could not be
   */
  public static Swept sweep() {
    Syscall.requireAvailable();
    SweepReport groups = JvmCgroups.sweep();
    Swept network = NetworkSweep.now();
    List<Finding> failures = new ArrayList<>(groups.failures());
    failures.addAll(network.failures());
    return new Swept(groups.swept(), network.links(), failures);
  }

  /**
   * Ends the library's threads and closes what it keeps: descriptors, images, empty control groups.
   * Containers that still run end with the threads, so close them first. The next start begins
   * afresh.
   */
  public static void shutdown() {
    NetworkSweep.await();
    PreparedMounts.clear();
    SpareGroups.clear();
    Launcher.shutdown();
    CleanUp.shutdown();
    ImageCache.clear();
    KeptDescriptors.close();
    JvmCgroups.release();
  }
}
