package dev.belljar.cgroups.stats;

import com.sun.management.ThreadMXBean;
import dev.belljar.cgroups.hierarchy.CgroupDirectory;
import dev.belljar.cgroups.hierarchy.CgroupLayout;
import dev.belljar.linux.BytePath;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Prints how many bytes of garbage a sample makes, once in a JVM of its own whose compilers are all
 * at work: {@code SamplerGarbage GROUP...}.
 */
final class SamplerGarbage {
  private static final int TRIES = 200_000;

  private SamplerGarbage() {}

  /** Prints the bytes of a sample, and of one after 200 new devices and 500 new keys have come. */
  public static void main(String[] paths) {
    List<CgroupDirectory> groups = new ArrayList<>();
    for (String path : paths) {
      groups.add(open(BytePath.of(path)));
    }
    CgroupSnapshot snapshot = new CgroupSnapshot();
    try (CgroupSampler sampler = CgroupSampler.open(groups)) {
      System.out.println(bytesOf(() -> sampler.sample(snapshot)));

      byte[] devices = lines("7:%d rbytes=%d wbytes=2 rios=3 wios=4 dbytes=5 dios=6\n", 200);
      byte[] keys = lines("a_new_key_%d %d\n", 500);
      Runnable both =
          () -> {
            snapshot.io().clear();
            snapshot.io().addNested(devices, devices.length - FileText.SLACK);
            snapshot.memoryStat().parse(keys, keys.length - FileText.SLACK);
            sampler.sample(snapshot);
          };
      both.run();
      System.out.println(bytesOf(both));
    }
    groups.forEach(CgroupDirectory::close);
  }

  private static CgroupDirectory open(BytePath path) {
    return CgroupLayout.current().hierarchies().stream()
        .filter(hierarchy -> path.startsWith(hierarchy.mountPoint()))
        .max(Comparator.comparingInt(hierarchy -> hierarchy.mountPoint().toString().length()))
        .map(hierarchy -> CgroupDirectory.open(hierarchy, path))
        .orElseThrow();
  }

  private static byte[] lines(String format, int count) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < count; i++) {
      text.append(format.formatted(i, i));
    }
    return Sample.withSlack(text.toString().getBytes(StandardCharsets.US_ASCII));
  }

  /** The least of many, since the compiler takes its time to do away with what it can. */
  private static long bytesOf(Runnable work) {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long least = Long.MAX_VALUE;
    for (int i = 0; i < TRIES && least > 0; i++) {
      long before = threads.getCurrentThreadAllocatedBytes();
      work.run();
      least = Math.min(least, threads.getCurrentThreadAllocatedBytes() - before);
    }
    return least;
  }
}
