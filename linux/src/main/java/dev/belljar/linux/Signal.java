package dev.belljar.linux;

import java.util.Optional;

/**
 * The standard signals of Linux, numbers 1 to 31, which x86-64 and aarch64 share.
 *
 * <p>Signals 32 to 64 are the real-time signals. The kernel gives them no names and each C library
 * keeps the first ones for itself (glibc two, musl three), so calls that send or report signals
 * also take and give plain numbers, and {@link #describe(int)} prints any of them. Mirrors <a
 * href="https://man7.org/linux/man-pages/man7/signal.7.html">signal(7)</a>.
 */
public enum Signal {
  /** Hangup of the controlling terminal. */
  SIGHUP(1),
  /** Interrupt from the keyboard. */
  SIGINT(2),
  /** Quit from the keyboard. */
  SIGQUIT(3),
  /** Illegal instruction. */
  SIGILL(4),
  /** Trace or breakpoint trap. */
  SIGTRAP(5),
  /** Abort, as by {@code abort(3)}; also named {@code SIGIOT}. */
  SIGABRT(6),
  /** Bus error (bad memory access). */
  SIGBUS(7),
  /** Erroneous arithmetic operation. */
  SIGFPE(8),
  /** Kill; cannot be caught, blocked or ignored. */
  SIGKILL(9),
  /** First user-defined signal. */
  SIGUSR1(10),
  /** Invalid memory reference. */
  SIGSEGV(11),
  /** Second user-defined signal. */
  SIGUSR2(12),
  /** Write to a pipe without readers. */
  SIGPIPE(13),
  /** Timer signal of {@code alarm(2)}. */
  SIGALRM(14),
  /** Request to terminate. */
  SIGTERM(15),
  /** Stack fault on a coprocessor; unused. */
  SIGSTKFLT(16),
  /** Child stopped, continued or terminated. */
  SIGCHLD(17),
  /** Continue if stopped. */
  SIGCONT(18),
  /** Stop; cannot be caught, blocked or ignored. */
  SIGSTOP(19),
  /** Stop typed at the terminal. */
  SIGTSTP(20),
  /** Terminal input for a background process. */
  SIGTTIN(21),
  /** Terminal output of a background process. */
  SIGTTOU(22),
  /** Urgent condition on a socket. */
  SIGURG(23),
  /** CPU time limit exceeded. */
  SIGXCPU(24),
  /** File size limit exceeded. */
  SIGXFSZ(25),
  /** Virtual alarm clock. */
  SIGVTALRM(26),
  /** Profiling timer expired. */
  SIGPROF(27),
  /** Terminal window size changed. */
  SIGWINCH(28),
  /** Input or output is possible; also named {@code SIGPOLL}. */
  SIGIO(29),
  /** Power failure. */
  SIGPWR(30),
  /** Bad system call, also what a seccomp filter sends. */
  SIGSYS(31);

  /** The lowest number of a real-time signal, as the kernel counts: 32. */
  public static final int FIRST_REALTIME = 32;

  /** The highest signal number: 64. */
  public static final int LAST = 64;

  private static final Signal[] BY_NUMBER = byNumber();

  private final int number;

  Signal(int number) {
    this.number = number;
  }

  /**
   * Returns the kernel's number of this signal.
   *
   * @return a number from 1 to 31
   */
  public int number() {
    return number;
  }

  /**
   * Finds a standard signal by its number.
   *
   * @param number any number
   * @return the signal, or empty when no standard signal has this number
   */
  public static Optional<Signal> of(int number) {
    return number < 1 || number >= BY_NUMBER.length
        ? Optional.empty()
        : Optional.of(BY_NUMBER[number]);
  }

  /**
   * Names any signal.
   *
   * @param number a signal number
   * @return the name of a standard signal, {@code signal 34 (real-time)} for 32 to 64, {@code
   *     signal 99} for a number that is none
   */
  public static String describe(int number) {
    if (number >= FIRST_REALTIME && number <= LAST) {
      return "signal " + number + " (real-time)";
    }
    return of(number).map(Signal::name).orElse("signal " + number);
  }

  private static Signal[] byNumber() {
    Signal[] result = new Signal[SIGSYS.number + 1];
    for (Signal signal : values()) {
      result[signal.number] = signal;
    }
    return result;
  }
}
