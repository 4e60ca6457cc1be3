package dev.belljar.linux.launch;

import static dev.belljar.linux.launch.ProgramBuilder.literal;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.belljar.linux.call.FileCalls;
import dev.belljar.linux.call.Pipe;
import dev.belljar.linux.syscall.SyscallNumber;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.IntConsumer;

/**
 * A launch of a small program, without namespaces or privilege unless the program asks for them.
 */
record TestLaunch(
    LaunchProgram program,
    List<String> arguments,
    List<Integer> descriptors,
    boolean forks,
    Optional<IntConsumer> forked,
    long deadlineNanos) {
  private static final long DEADLINE = TimeUnit.SECONDS.toNanos(20);
  private static final int CLOSE_RANGE_CLOEXEC = 4;

  static TestLaunch of(ProgramBuilder program, String... arguments) {
    return new TestLaunch(
        program.build(), List.of(arguments), List.of(), false, Optional.empty(), DEADLINE);
  }

  /** One that runs a line of shell. */
  static TestLaunch shell(String line) {
    ProgramBuilder program = new ProgramBuilder();
    addExec(program, "/bin/sh");
    return of(program, "sh", "-c", line);
  }

  TestLaunch withDescriptors(Integer... numbers) {
    return new TestLaunch(program, arguments, List.of(numbers), forks, forked, deadlineNanos);
  }

  TestLaunch withDeadline(long time, TimeUnit unit) {
    return new TestLaunch(program, arguments, descriptors, forks, forked, unit.toNanos(time));
  }

  TestLaunch forking(IntConsumer whenForked) {
    return new TestLaunch(
        program, arguments, descriptors, true, Optional.of(whenForked), deadlineNanos);
  }

  TestLaunch forking() {
    return forking(_ -> {});
  }

  Child start() {
    try (LaunchImage image = LaunchImage.of(program)) {
      return Launcher.start(launch(image));
    }
  }

  Launch launch(LaunchImage image) {
    return new Launch(
        image,
        ExecVector.of(arguments, List.of("PATH=/usr/bin:/bin", "LC_ALL=C")),
        0,
        0,
        Optional.empty(),
        descriptors,
        forks,
        forked,
        deadlineNanos);
  }

  /** Adds what every program ends with: nothing stays open, READY, execve. */
  static void addExec(ProgramBuilder program, String path) {
    program
        .call(
            SyscallNumber.CLOSE_RANGE,
            literal(3),
            literal(~0L >>> 32),
            literal(CLOSE_RANGE_CLOEXEC))
        .named("close all descriptors on exec");
    Report.addReady(program);
    program
        .call(
            SyscallNumber.EXECVE,
            program.string(path),
            new Operand.Arguments(),
            new Operand.Environment())
        .named("execute " + path);
  }

  /** Starts a command with its standard output in a pipe, and returns what it wrote to its end. */
  static String output(String path, String... arguments) {
    ProgramBuilder program = new ProgramBuilder();
    Argument output = program.input("output");
    program.call(SyscallNumber.DUP3, output, literal(1), literal(0));
    addExec(program, path);
    try (Pipe pipe = FileCalls.pipe(0)) {
      Child child = of(program, arguments).withDescriptors(pipe.write().number()).start();
      pipe.write().close();
      String text = new String(FileCalls.readAll(pipe.read().number()), UTF_8);
      child.await(-1);
      return text;
    }
  }

  /** Makes all threads that the library keeps, so that they are no difference for later tests. */
  static void warmUp() {
    List<Child> children = new ArrayList<>();
    for (int i = 0; i < LaunchThreads.SIZE; i++) {
      children.add(shell("exit 0").start());
    }
    children.forEach(child -> child.await(-1));
  }
}
