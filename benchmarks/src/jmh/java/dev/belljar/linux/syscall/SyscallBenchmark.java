package dev.belljar.linux.syscall;

import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** What a system call costs from Java. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 3, time = 1)
@Fork(value = 1, jvmArgsAppend = "--enable-native-access=ALL-UNNAMED")
public class SyscallBenchmark {
  private static final int NO_DESCRIPTOR = -1;

  /** The kernel does nothing. */
  @Benchmark
  public long getpid() {
    return Syscall.call(SyscallNumber.GETPID);
  }

  /** The kernel refuses at once: the errno is fetched in addition. */
  @Benchmark
  public long closeOfNothing() {
    return Syscall.call(SyscallNumber.CLOSE, NO_DESCRIPTOR);
  }

  /** A path copied to native memory, and given back. */
  @Benchmark
  public long scratchString() {
    try (Scratch scratch = Scratch.open()) {
      return scratch.string("0123456789ab/memory.limit_in_bytes");
    }
  }
}
