package dev.belljar.linux.event;

import static dev.belljar.linux.call.Strace.check;

import dev.belljar.linux.Descriptor;
import dev.belljar.linux.LinuxException;
import dev.belljar.linux.call.FileCalls;
import dev.belljar.linux.call.OpenFlags;
import dev.belljar.linux.syscall.Scratch;
import dev.belljar.linux.syscall.Syscall;
import dev.belljar.linux.syscall.SyscallNumber;
import dev.belljar.linux.uapi.Uapi;
import java.lang.foreign.MemorySegment;

/**
 * A set of descriptors that are waited for together.
 *
 * @param descriptor its own
 * @see <a href="https://man7.org/linux/man-pages/man7/epoll.7.html">epoll(7)</a>
 */
record Epoll(Descriptor descriptor) implements AutoCloseable {
  /**
   * Makes an empty set.
   *
   * @throws LinuxException when the kernel refuses
   */
  static Epoll create() {
    long fd = Syscall.call(SyscallNumber.EPOLL_CREATE1, OpenFlags.O_CLOEXEC);
    check(fd, () -> "epoll_create1(EPOLL_CLOEXEC)");
    return new Epoll(FileCalls.own(fd));
  }

  /** Adds a descriptor, to be told of with a token. */
  void add(int fd, long token, int events) {
    control(Uapi.EPOLL_CTL_ADD(), "EPOLL_CTL_ADD", fd, token, events);
  }

  /** Changes what a descriptor is waited for; with EPOLLONESHOT, lets it be told of once more. */
  void modify(int fd, long token, int events) {
    control(Uapi.EPOLL_CTL_MOD(), "EPOLL_CTL_MOD", fd, token, events);
  }

  private void control(int operation, String name, int fd, long token, int events) {
    try (Scratch scratch = Scratch.open()) {
      MemorySegment event = scratch.allocate(EpollEvent.SIZE);
      EpollEvent.set(event, events, token);
      check(
          Syscall.call(
              SyscallNumber.EPOLL_CTL, descriptor.number(), operation, fd, event.address()),
          () ->
              "epoll_ctl(%d, %s, %d, {0x%x, %d})"
                  .formatted(descriptor.number(), name, fd, events, token));
    }
  }

  /** Takes a descriptor out. */
  void delete(int fd) {
    check(
        Syscall.call(SyscallNumber.EPOLL_CTL, descriptor.number(), Uapi.EPOLL_CTL_DEL(), fd, 0),
        () -> "epoll_ctl(" + descriptor.number() + ", EPOLL_CTL_DEL, " + fd + ", NULL)");
  }

  /**
   * Waits.
   *
   * @param events takes what there is to tell, in the layout of {@link EpollEvent}
   * @param millis how long at most; -1 for ever
   * @return how many events; an error, such as EINTR, is negative
   */
  long await(MemorySegment events, long millis) {
    return Syscall.call(
        SyscallNumber.EPOLL_PWAIT,
        descriptor.number(),
        events.address(),
        events.byteSize() / EpollEvent.SIZE,
        millis,
        0,
        8);
  }

  @Override
  public void close() {
    descriptor.close();
  }
}
