package dev.belljar.namespaces.names;

import dev.belljar.linux.LinuxException;
import dev.belljar.linux.call.FileCalls;
import dev.belljar.linux.syscall.Syscall;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Whom the host asks for names: the servers of its resolv.conf. One at a loopback address can be
 * asked too, since the asking is done in the host's own network.
 *
 * @see <a href="https://man7.org/linux/man-pages/man5/resolv.conf.5.html">resolv.conf(5)</a>
 */
final class Upstream {
  private static final int PORT = 53;
  private static final int MOST = 3; // MAXNS

  private Upstream() {}

  static List<InetSocketAddress> servers() {
    try {
      byte[] text = FileCalls.readFile(Syscall.AT_FDCWD, "/etc/resolv.conf");
      return parse(new String(text, StandardCharsets.ISO_8859_1));
    } catch (LinuxException none) {
      return List.of();
    }
  }

  static List<InetSocketAddress> parse(String text) {
    List<InetSocketAddress> servers = new ArrayList<>();
    for (String line : text.lines().toList()) {
      String[] words = line.strip().split("\\s+");
      if (words.length >= 2 && words[0].equals("nameserver") && servers.size() < MOST) {
        try {
          servers.add(new InetSocketAddress(InetAddress.ofLiteral(words[1]), PORT));
        } catch (IllegalArgumentException malformed) {
          // passed over, as resolvers do
        }
      }
    }
    return servers;
  }
}
