package dev.belljar.linux.testing;

import dev.belljar.linux.BytePath;
import dev.belljar.linux.MountInfo;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.annotation.Annotation;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.DynamicTest;
import org.junit.platform.commons.support.AnnotationSupport;
import org.junit.platform.commons.support.ReflectionSupport;

/**
 * Runs test classes of this machine once more where mounts propagate the other way: among shared
 * ones on a machine that has them private, where whoever forgets to leave the host's peer groups
 * looks innocent, and among private ones on a machine that has them shared, as systemd does.
 *
 * <p>Each class runs in a JVM in a mount namespace of its own. After each test, as always, the
 * mounts around it must be what they were ({@link KernelTest}).
 */
public final class OtherSurroundings {
  private static final Duration LONGEST = Duration.ofMinutes(15);
  private static final String ROOT_DIRECTORY = "/";

  private OtherSurroundings() {}

  /** The other JVM: runs the class that it is told. */
  public static void main(String[] arguments) {
    OtherJvm.serve(LONGEST, words -> TestOutcomes.of(words.getFirst()));
  }

  /**
   * Runs classes.
   *
   * @param own the class that asks, in whose package the others are; it is left out itself
   * @param mark the annotation that they have
   * @param folder where they may have temporary files
   * @return a container for each class, with the outcome of each of its tests
   */
  public static Stream<DynamicNode> tests(
      Class<?> own, Class<? extends Annotation> mark, Path folder) {
    List<Class<?>> classes =
        ReflectionSupport.findAllClassesInClasspathRoot(
            root(own),
            type ->
                type != own
                    && type.getPackageName().equals(own.getPackageName())
                    && AnnotationSupport.isAnnotated(type, mark),
            name -> name.endsWith("Test"));
    if (classes.isEmpty()) {
      throw new AssertionError("no class is marked with " + mark);
    }
    return classes.stream()
        .map(Class::getName)
        .sorted()
        .map(name ->
            DynamicContainer.dynamicContainer(
                name, Stream.of(name).flatMap(one -> outcomes(one, folder))));
  }

  private static Stream<DynamicTest> outcomes(String name, Path folder) {
    try (OtherJvm jvm =
        OtherJvm.start(
            script(),
            List.of("-Djava.io.tmpdir=" + Files.createTempDirectory(folder, "surroundings")),
            OtherSurroundings.class)) {
      List<String> lines = jvm.ask(name);
      jvm.end();
      List<TestOutcomes.Outcome> outcomes =
          lines.stream().flatMap(line -> TestOutcomes.parse(line).stream()).toList();
      if (outcomes.isEmpty()) {
        throw new AssertionError("no test of " + name + " has run: " + lines);
      }
      return outcomes.stream()
          .map(outcome ->
              DynamicTest.dynamicTest(
                  outcome.name(),
                  () -> {
                    switch (outcome.kind()) {
                      case PASSED -> {}
                      case SKIPPED -> Assumptions.abort(outcome.why());
                      case FAILED -> throw new AssertionError(outcome.why());
                    }
                  }));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String script() throws IOException {
    List<MountInfo> mounts = MountInfo.parse(Files.readAllBytes(Path.of("/proc/self/mountinfo")));
    boolean isShared =
        mounts.stream()
            .filter(mount -> mount.mountPoint().equals(BytePath.of(ROOT_DIRECTORY)))
            .anyMatch(mount ->
                mount.optionalFields().stream().anyMatch(field -> field.startsWith("shared:")));
    return isShared ? OtherJvm.AMONG_PRIVATE_MOUNTS : OtherJvm.AMONG_SHARED_MOUNTS;
  }

  private static URI root(Class<?> own) {
    try {
      return own.getProtectionDomain().getCodeSource().getLocation().toURI();
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }
}
