package dev.belljar.namespaces.net;

import dev.belljar.linux.BytePath;
import dev.belljar.linux.LinuxException;
import dev.belljar.linux.MountInfo;
import dev.belljar.linux.call.FileCalls;
import dev.belljar.linux.call.FileDetails;
import dev.belljar.linux.syscall.Syscall;
import java.net.InetAddress;
import java.nio.file.Path;

/**
 * A rule of a {@link FirewallTable}.
 *
 * @see <a href="https://man7.org/linux/man-pages/man8/nft.8.html">nft(8)</a>
 */
public sealed interface FirewallRule {
  /**
   * Drops what is forwarded from a link to others of a group.
   *
   * @param link the name of the link that packets come in by
   * @param group the {@linkplain Link#group() group} of links they may not leave by, unless by the
   *     same
   */
  record Isolate(String link, long group) implements FirewallRule {}

  /**
   * Gives packets of a network that leave it the host's own address.
   *
   * @param source the network
   * @param link the name of the network's own link, by which packets stay as they are
   */
  record Masquerade(IpNetwork source, String link) implements FirewallRule {}

  /**
   * Sends what comes for a port on to somebody else.
   *
   * @param protocol of which kind
   * @param port the port that packets come for, 1 to 65535
   * @param address to whom they go
   * @param target the port there, 1 to 65535
   */
  record ForwardPort(Transport protocol, int port, InetAddress address, int target)
      implements FirewallRule {}

  /**
   * Puts what a control group's sockets send into a class of traffic control. Cgroup v2, since
   * Linux 5.13. A socket belongs to the group of the process that made it, for good.
   *
   * @param cgroup the group's id: the inode number of its directory
   * @param level how deep its directory is below the root, 1 or more
   * @param traffic the class, as {@link TrafficHandle}
   */
  record ClassifyCgroup(long cgroup, int level, TrafficHandle traffic) implements FirewallRule {
    /**
     * Makes the rule of a group by its directory.
     *
     * @param directory the group's directory in a mounted cgroup v2 tree
     * @param traffic the class
     * @return the rule
     * @throws IllegalArgumentException when it is no directory of such a tree, or its root
     * @throws LinuxException when the kernel refuses
     */
    public static ClassifyCgroup of(Path directory, TrafficHandle traffic) {
      BytePath path = BytePath.of(directory.toAbsolutePath().normalize());
      byte[] mounts = FileCalls.readFile(Syscall.AT_FDCWD, "/proc/self/mountinfo");
      MountInfo mount =
          MountInfo.parse(mounts).stream()
              .filter(one -> path.startsWith(one.mountPoint()))
              .reduce((below, above) -> depth(above) >= depth(below) ? above : below)
              .filter(one -> one.type().equals("cgroup2"))
              .filter(one -> !one.root().toString().startsWith("/..")) // of other namespaces
              .orElseThrow(
                  () -> new IllegalArgumentException(directory + " is not in a cgroup v2 tree"));
      int level = mount.root().components().size() + path.components().size() - depth(mount);
      if (level == 0) {
        throw new IllegalArgumentException(directory + " is the root of the tree, not a group");
      }
      long id =
          FileDetails.of(Syscall.AT_FDCWD, path.bytes())
              .orElseThrow(() -> new IllegalArgumentException(directory + " is no group"))
              .inode();
      return new ClassifyCgroup(id, level, traffic);
    }

    private static int depth(MountInfo mount) {
      return mount.mountPoint().components().size();
    }
  }

  /**
   * Puts what processes with a class of {@code net_cls} send into a class of traffic control.
   * Cgroup v1.
   *
   * @param netClass the group's {@code net_cls.classid}
   * @param traffic the class
   */
  record ClassifyNetClass(long netClass, TrafficHandle traffic) implements FirewallRule {}

  /** A protocol that has ports. */
  enum Transport {
    /** Streams; tcp(7). */
    TCP(6),
    /** Datagrams; udp(7). */
    UDP(17);

    private final int number;

    Transport(int number) {
      this.number = number;
    }

    int number() {
      return number;
    }
  }
}
