package dev.belljar.program;

import dev.belljar.linux.Descriptor;
import dev.belljar.linux.call.Closing;
import dev.belljar.linux.call.FileCalls;
import dev.belljar.linux.call.OpenFlags;
import dev.belljar.linux.call.ProcessCalls;
import dev.belljar.linux.syscall.Syscall;
import dev.belljar.linux.syscall.SyscallNumber;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/** Descriptors that every start needs, opened at the first one and kept. */
public final class KeptDescriptors {
  private static Descriptor jvm;
  private static Descriptor nullDevice;

  private KeptDescriptors() {}

  /** Returns this JVM's own pidfd, through which its children see whether it still runs. */
  public static synchronized Descriptor jvm() {
    if (jvm == null) {
      jvm = ProcessCalls.open((int) Syscall.call(SyscallNumber.GETPID));
    }
    return jvm;
  }

  /** Returns the null device, for reading and writing. */
  public static synchronized Descriptor nullDevice() {
    if (nullDevice == null) {
      nullDevice = FileCalls.open("/dev/null", OpenFlags.O_RDWR | OpenFlags.O_NOCTTY);
    }
    return nullDevice;
  }

  /** Closes them; the next use opens them again. */
  public static synchronized void close() {
    List<Descriptor> open = Stream.of(jvm, nullDevice).filter(Objects::nonNull).toList();
    jvm = null;
    nullDevice = null;
    Closing.all(open);
  }
}
