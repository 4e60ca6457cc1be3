package dev.belljar.program;

import dev.belljar.linux.LinuxException;
import dev.belljar.linux.call.FileCalls;
import dev.belljar.linux.syscall.Syscall;
import dev.belljar.linux.uapi.Uapi;
import java.nio.charset.StandardCharsets;

/**
 * Sets of capabilities, as bits.
 *
 * @see <a href="https://man7.org/linux/man-pages/man7/capabilities.7.html">capabilities(7)</a>
 */
public final class Capabilities {
  /** No capability at all. */
  public static final long NONE = 0;

  /** What a container's init needs to pass signals on. */
  public static final long FOR_INIT = bit(Uapi.CAP_KILL());

  /** What leads out of a root that was only changed by chroot(2). */
  public static final long TO_CHANGE_ROOT = bit(Uapi.CAP_SYS_CHROOT());

  /** What mounts and unmounts. */
  public static final long TO_MOUNT = bit(Uapi.CAP_SYS_ADMIN());

  private static final int LAST_KNOWN = 40; // CAP_CHECKPOINT_RESTORE, since Linux 5.9

  // Docker's default set, less MKNOD, which a container that may not mount has no use for, and less
  // NET_RAW, with which it could forge packets.
  private static final long DOCKER =
      bit(Uapi.CAP_CHOWN())
          | bit(Uapi.CAP_DAC_OVERRIDE())
          | bit(Uapi.CAP_FOWNER())
          | bit(Uapi.CAP_FSETID())
          | bit(Uapi.CAP_KILL())
          | bit(Uapi.CAP_SETGID())
          | bit(Uapi.CAP_SETUID())
          | bit(Uapi.CAP_SETPCAP())
          | bit(Uapi.CAP_SETFCAP())
          | bit(Uapi.CAP_NET_BIND_SERVICE())
          | bit(Uapi.CAP_SYS_CHROOT())
          | bit(Uapi.CAP_AUDIT_WRITE());

  private Capabilities() {}

  private static long bit(int capability) {
    return 1L << capability;
  }

  /**
   * Returns what a container's root has when nothing else is said.
   *
   * @param lonelyNetwork whether it has an own NET without a link to the outside, where NET_RAW
   *     harms nobody
   * @return the set
   */
  public static long standard(boolean lonelyNetwork) {
    return lonelyNetwork ? DOCKER | bit(Uapi.CAP_NET_RAW()) : DOCKER;
  }

  /** Returns every capability the running kernel knows. */
  public static long all() {
    return (1L << (lastOfKernel() + 1)) - 1;
  }

  /** Returns the highest capability of the running kernel. */
  static int lastOfKernel() {
    return Kernel.LAST;
  }

  // Read once: it does not change while a kernel runs.
  private static final class Kernel {
    static final int LAST = read();

    private static int read() {
      try {
        byte[] text = FileCalls.readFile(Syscall.AT_FDCWD, "/proc/sys/kernel/cap_last_cap");
        return Integer.parseInt(new String(text, StandardCharsets.US_ASCII).strip());
      } catch (LinuxException withoutProc) {
        return LAST_KNOWN;
      }
    }
  }
}
