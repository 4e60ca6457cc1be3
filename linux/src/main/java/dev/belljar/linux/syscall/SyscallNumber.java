package dev.belljar.linux.syscall;

import java.util.Locale;

/**
 * The system calls Belljar makes, with their numbers on each architecture.
 *
 * <p>Calls that came with or after Linux 5.0 have the same number everywhere. See syscalls(2), and
 * in the kernel's source {@code arch/x86/entry/syscalls/syscall_64.tbl} and {@code
 * include/uapi/asm-generic/unistd.h}.
 */
public enum SyscallNumber {
  READ(0, 63),
  WRITE(1, 64),
  CLOSE(3, 57),
  LSEEK(8, 62),
  MMAP(9, 222),
  MPROTECT(10, 226),
  MUNMAP(11, 215),
  RT_SIGACTION(13, 134),
  RT_SIGPROCMASK(14, 135),
  IOCTL(16, 29),
  PREAD64(17, 67),
  PWRITE64(18, 68),
  GETPID(39, 172),
  SOCKET(41, 198),
  CONNECT(42, 203),
  SENDTO(44, 206),
  RECVFROM(45, 207),
  SENDMSG(46, 211),
  RECVMSG(47, 212),
  SHUTDOWN(48, 210),
  BIND(49, 200),
  LISTEN(50, 201),
  GETSOCKNAME(51, 204),
  SOCKETPAIR(53, 199),
  SETSOCKOPT(54, 208),
  GETSOCKOPT(55, 209),
  EXECVE(59, 221),
  WAIT4(61, 260),
  KILL(62, 129),
  UNAME(63, 160),
  FCNTL(72, 25),
  FLOCK(73, 32),
  FTRUNCATE(77, 46),
  CHDIR(80, 49),
  FCHDIR(81, 50),
  FCHMOD(91, 52),
  FCHOWN(93, 55),
  UMASK(95, 166),
  GETUID(102, 174),
  GETGID(104, 176),
  GETEUID(107, 175),
  GETEGID(108, 177),
  SETSID(112, 157),
  GETGROUPS(115, 158),
  SETGROUPS(116, 159),
  SETRESUID(117, 147),
  SETRESGID(119, 149),
  CAPGET(125, 90),
  CAPSET(126, 91),
  RT_SIGTIMEDWAIT(128, 137),
  FSTATFS(138, 44),
  GETPRIORITY(140, 141),
  SETPRIORITY(141, 140),
  PIVOT_ROOT(155, 41),
  PRCTL(157, 167),
  CHROOT(161, 51),
  MOUNT(165, 40),
  UMOUNT2(166, 39),
  SETHOSTNAME(170, 161),
  SETDOMAINNAME(171, 162),
  GETTID(186, 178),
  LSETXATTR(189, 6),
  FSETXATTR(190, 7),
  LGETXATTR(192, 9),
  FGETXATTR(193, 10),
  LLISTXATTR(195, 12),
  LREMOVEXATTR(198, 15),
  GETDENTS64(217, 61),
  CLOCK_NANOSLEEP(230, 115),
  EXIT_GROUP(231, 94),
  EPOLL_CTL(233, 21),
  WAITID(247, 95),
  KEYCTL(250, 219),
  OPENAT(257, 56),
  MKDIRAT(258, 34),
  MKNODAT(259, 33),
  FCHOWNAT(260, 54),
  UNLINKAT(263, 35),
  RENAMEAT(264, 38),
  LINKAT(265, 37),
  SYMLINKAT(266, 36),
  READLINKAT(267, 78),
  FCHMODAT(268, 53),
  FACCESSAT(269, 48),
  PPOLL(271, 73),
  UNSHARE(272, 97),
  SPLICE(275, 76),
  UTIMENSAT(280, 88),
  EPOLL_PWAIT(281, 22),
  ACCEPT4(288, 242),
  EVENTFD2(290, 19),
  EPOLL_CREATE1(291, 20),
  DUP3(292, 24),
  PIPE2(293, 59),
  PERF_EVENT_OPEN(298, 241),
  PRLIMIT64(302, 261),
  SETNS(308, 268),
  MEMFD_CREATE(319, 279),
  BPF(321, 280),
  EXECVEAT(322, 281),
  COPY_FILE_RANGE(326, 285),
  STATX(332, 291),
  PIDFD_SEND_SIGNAL(424, 424),
  OPEN_TREE(428, 428),
  MOVE_MOUNT(429, 429),
  FSOPEN(430, 430),
  FSCONFIG(431, 431),
  FSMOUNT(432, 432),
  PIDFD_OPEN(434, 434),
  CLONE3(435, 435),
  CLOSE_RANGE(436, 436),
  OPENAT2(437, 437),
  PIDFD_GETFD(438, 438),
  FACCESSAT2(439, 439),
  MOUNT_SETATTR(442, 442);

  private static final boolean AARCH64 = Architecture.AARCH64.isCurrent();

  private final int x86;
  private final int aarch64;
  private final String text = name().toLowerCase(Locale.ROOT);

  SyscallNumber(int x86, int aarch64) {
    this.x86 = x86;
    this.aarch64 = aarch64;
  }

  /**
   * Returns the call's number on one architecture.
   *
   * @param architecture the architecture
   * @return the number, as in {@code <asm/unistd.h>}
   */
  public int on(Architecture architecture) {
    return architecture == Architecture.AARCH64 ? aarch64 : x86;
  }

  int here() {
    return AARCH64 ? aarch64 : x86;
  }

  /** Returns the call's name as the manual pages write it, such as {@code pidfd_open}. */
  @Override
  public String toString() {
    return text;
  }
}
