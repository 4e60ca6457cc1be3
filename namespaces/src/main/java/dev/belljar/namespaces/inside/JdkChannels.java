package dev.belljar.namespaces.inside;

import static dev.belljar.linux.call.Strace.check;

import dev.belljar.linux.Descriptor;
import dev.belljar.linux.Errno;
import dev.belljar.linux.LinuxException;
import dev.belljar.linux.call.Closing;
import dev.belljar.linux.call.DirectoryCalls;
import dev.belljar.linux.call.OpenFlags;
import dev.belljar.linux.syscall.Scratch;
import dev.belljar.linux.syscall.Syscall;
import dev.belljar.linux.syscall.SyscallNumber;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.SocketOption;
import java.net.StandardSocketOptions;
import java.nio.channels.NetworkChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Puts a socket that was made inside a namespace into a channel of the JDK that was opened outside,
 * so that none of the JDK's code ever runs inside.
 *
 * <p>The JDK does not tell the number of a channel's descriptor, so its receive buffer is given
 * sizes by which it is found among this JVM's sockets. The other socket then takes that number, in
 * one step.
 */
final class JdkChannels {
  private static final int SOL_SOCKET = 1;
  private static final int SO_REUSEADDR = 2;
  private static final int SO_RCVBUF = 8;
  private static final int SO_DOMAIN = 39;
  private static final int IPPROTO_IPV6 = 41;
  private static final int IPV6_V6ONLY = 26;
  private static final int AF_INET6 = 10;
  private static final int LEAST_SIZE = 8 << 10;
  private static final int MOST_SIZE = 64 << 10;
  private static final int ROUNDS = 100;

  private JdkChannels() {}

  /** Opens a channel. */
  @FunctionalInterface
  interface Opening<C> {
    C open() throws IOException;
  }

  /** Makes a socket inside. */
  @FunctionalInterface
  interface Making {
    Descriptor socket(int domain);
  }

  /**
   * Opens a channel whose socket is inside.
   *
   * @param opening opens it outside
   * @param making makes a socket of the same kind inside
   * @param server whether it is to be reused at once after its end, as the JDK has it for servers
   */
  static <C extends NetworkChannel> C inside(Opening<C> opening, Making making, boolean server) {
    try {
      C channel = opening.open();
      try {
        replace(channel, making, server);
        return channel;
      } catch (IOException | RuntimeException | Error failure) {
        Closing.after(failure, channel);
        throw failure;
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void replace(NetworkChannel channel, Making making, boolean server)
      throws IOException {
    int number = numberOf(channel);
    int domain = option(number, SO_DOMAIN).orElseThrow();
    try (Descriptor socket = making.socket(domain)) {
      int fd = socket.number();
      if (server) {
        setOption(fd, SOL_SOCKET, SO_REUSEADDR, 1);
      }
      if (domain == AF_INET6) {
        setOption(fd, IPPROTO_IPV6, IPV6_V6ONLY, 0);
      }
      check(
          Syscall.call(SyscallNumber.DUP3, fd, number, OpenFlags.O_CLOEXEC),
          () -> "dup3(" + fd + ", " + number + ", O_CLOEXEC)");
    }
  }

  private static int numberOf(NetworkChannel channel) throws IOException {
    Set<Integer> possible = new HashSet<>(descriptors());
    for (int i = 0; i < ROUNDS; i++) {
      int size = choose(channel, StandardSocketOptions.SO_RCVBUF);
      possible.removeIf(fd -> option(fd, SO_RCVBUF).filter(its -> its / 2 == size).isEmpty());
      if (possible.isEmpty()) {
        break;
      }
      if (possible.size() == 1 && i > 0) { // twice: it has followed a change
        return possible.iterator().next();
      }
    }
    throw new IllegalStateException("the descriptor of " + channel + " was not found");
  }

  private static int choose(NetworkChannel channel, SocketOption<Integer> option)
      throws IOException {
    channel.setOption(option, ThreadLocalRandom.current().nextInt(LEAST_SIZE, MOST_SIZE));
    return channel.getOption(option); // half of what the kernel makes of it, as the JDK has it
  }

  private static List<Integer> descriptors() {
    List<Integer> numbers = new ArrayList<>();
    try (Descriptor directory = DirectoryCalls.open(Syscall.AT_FDCWD, "/proc/self/fd")) {
      for (DirectoryCalls.Entry entry : DirectoryCalls.list(directory.number())) {
        numbers.add(Integer.valueOf(new String(entry.name(), StandardCharsets.US_ASCII)));
      }
    }
    return numbers;
  }

  private static Optional<Integer> option(int fd, int option) {
    try (Scratch scratch = Scratch.open()) {
      MemorySegment value = scratch.allocate(16);
      value.set(ValueLayout.JAVA_INT, 8, Integer.BYTES);
      long result =
          Syscall.call(
              SyscallNumber.GETSOCKOPT,
              fd,
              SOL_SOCKET,
              option,
              value.address(),
              value.address() + 8);
      if (result == -Errno.ENOTSOCK.number() || result == -Errno.EBADF.number()) {
        return Optional.empty();
      }
      check(result, () -> "getsockopt(%d, SOL_SOCKET, %d, ...)".formatted(fd, option));
      return Optional.of(value.get(ValueLayout.JAVA_INT, 0));
    }
  }

  private static void setOption(int fd, int level, int option, int value) throws LinuxException {
    try (Scratch scratch = Scratch.open()) {
      MemorySegment memory = scratch.allocate(8);
      memory.set(ValueLayout.JAVA_INT, 0, value);
      check(
          Syscall.call(
              SyscallNumber.SETSOCKOPT, fd, level, option, memory.address(), Integer.BYTES),
          () -> "setsockopt(%d, %d, %d, [%d], 4)".formatted(fd, level, option, value));
    }
  }
}
