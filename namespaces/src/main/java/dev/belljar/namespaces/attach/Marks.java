package dev.belljar.namespaces.attach;

import dev.belljar.namespaces.net.Link;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/**
 * The aliases with which this library marks its links, and in which the kernel keeps who is on a
 * bridge: nothing without one is ever deleted.
 */
final class Marks {
  /** The group of links that our bridges are in, from the moment they are made. */
  static final long GROUP = 0xbe11;

  private static final String BRIDGE = "belljar bridge";
  private static final String PORT = "belljar port ";

  private Marks() {}

  /** What a port is called that nobody has a name for yet; names are not looked up by it. */
  static final String UNNAMED = "-";

  static String bridge() {
    return BRIDGE;
  }

  static boolean isBridge(Link link) {
    return link.alias().filter(BRIDGE::equals).isPresent();
  }

  /** What the link of a container says: whose it is, its name there and its addresses. */
  record Port(long owner, String name, List<InetAddress> addresses) {
    Port {
      addresses = List.copyOf(addresses);
    }

    String alias() {
      StringBuilder text = new StringBuilder(PORT);
      text.append(HexFormat.of().toHexDigits(owner)).append(' ').append(name);
      addresses.forEach(address -> text.append(' ').append(address.getHostAddress()));
      return text.toString();
    }

    /** Reads an alias; empty when it is not one of ours. */
    static Optional<Port> of(Link link) {
      if (link.alias().filter(alias -> alias.startsWith(PORT)).isEmpty()) {
        return Optional.empty();
      }
      String[] words = link.alias().get().substring(PORT.length()).split(" ");
      List<InetAddress> addresses = new ArrayList<>();
      long owner;
      try {
        owner = HexFormat.fromHexDigitsToLong(words[0]);
        for (int i = 2; i < words.length; i++) {
          addresses.add(InetAddress.ofLiteral(words[i]));
        }
      } catch (IllegalArgumentException forged) {
        return Optional.empty();
      }
      return words.length < 2 || owner < 0
          ? Optional.empty()
          : Optional.of(new Port(owner, words[1], addresses));
    }
  }
}
