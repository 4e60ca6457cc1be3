package dev.belljar.cgroups.controller;

import dev.belljar.linux.Descriptor;
import dev.belljar.linux.DeviceNumber;
import dev.belljar.linux.Errno;
import dev.belljar.linux.LinuxException;
import dev.belljar.linux.call.DirectoryCalls;
import dev.belljar.linux.call.DirectoryCalls.Entry;
import dev.belljar.linux.call.FileCalls;
import dev.belljar.linux.syscall.Syscall;
import java.nio.charset.StandardCharsets;

/**
 * Which disks are scheduled by BFQ, whose weights mean nothing on others.
 *
 * @see <a href="https://docs.kernel.org/block/bfq-iosched.html">BFQ</a>
 */
final class IoSchedulers {
  private static final String ACTIVE = "[bfq]";

  private IoSchedulers() {}

  static boolean isBfq(DeviceNumber device) {
    return isBfq("/sys/dev/block/" + device);
  }

  static boolean isBfqAnywhere() {
    try (Descriptor disks = DirectoryCalls.open(Syscall.AT_FDCWD, "/sys/block")) {
      return DirectoryCalls.list(disks.number()).stream()
          .map(Entry::name)
          .map(name -> new String(name, StandardCharsets.UTF_8))
          .anyMatch(name -> !name.startsWith(".") && isBfq("/sys/block/" + name));
    }
  }

  private static boolean isBfq(String disk) {
    try {
      byte[] text = FileCalls.readFile(Syscall.AT_FDCWD, disk + "/queue/scheduler");
      return new String(text, StandardCharsets.US_ASCII).contains(ACTIVE);
    } catch (LinuxException e) {
      if (e.is(Errno.ENOENT) || e.is(Errno.ENOTDIR)) {
        return false; // no such disk, or one that is not scheduled
      }
      throw e;
    }
  }
}
