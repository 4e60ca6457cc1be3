package dev.belljar.linux.launch;

import dev.belljar.linux.syscall.Architecture;
import dev.belljar.linux.syscall.SyscallNumber;
import java.nio.charset.StandardCharsets;
import java.util.List;
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

/** From a program of 200 steps to an image that can be launched. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 3, time = 1)
@Fork(value = 1, jvmArgsAppend = "--enable-native-access=ALL-UNNAMED")
public class LaunchImageBenchmark {
  private static final int STEPS = 200;

  private final LaunchProgram program = build();

  private static LaunchProgram build() {
    ProgramBuilder builder = new ProgramBuilder();
    for (int i = 0; i < STEPS; i++) {
      builder
          .call(
              SyscallNumber.WRITE,
              builder.report(),
              builder.constant(("step " + i).getBytes(StandardCharsets.UTF_8)),
              ProgramBuilder.literal(1))
          .named("write " + i);
    }
    return builder.build();
  }

  /** Building the program. */
  @Benchmark
  public Object buildProgram() {
    return build();
  }

  /** Encoding it for x86-64, without a system call. */
  @Benchmark
  public Object encode() {
    return ProgramEncoder.executable(program, Architecture.X86_64);
  }

  /** Encoding it and writing a sealed memfd, and closing that. */
  @Benchmark
  public void writeImage() {
    LaunchImage.of(program).close();
  }

  /** Copying a short command and environment to native memory. */
  @Benchmark
  public Object execVector() {
    return ExecVector.of(List.of("/bin/true", "/bin/sh", "true"), List.of("PATH=/bin", "HOME=/"));
  }
}
