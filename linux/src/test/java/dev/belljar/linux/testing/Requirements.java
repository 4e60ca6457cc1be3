package dev.belljar.linux.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.annotation.Annotation;
import java.lang.reflect.AnnotatedElement;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.platform.commons.support.AnnotationSupport;

/** Skips a test, saying why, when the machine lacks what one of its annotations requires. */
final class Requirements implements ExecutionCondition {
  private static final int CAP_SYS_ADMIN = 21;

  @Override
  public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
    AnnotatedElement element = context.getElement().orElseThrow();
    return Stream.of(
            missing(element, RequiresRoot.class, _ -> root()),
            missing(element, RequiresOrdinaryUser.class, _ -> ordinaryUser()),
            missing(element, RequiresTool.class, tools -> tools(tools.value())),
            missing(element, RequiresCgroup.class, wanted -> Groups.any(wanted.value())),
            missing(element, RequiresCgroupV2.class, wanted -> Groups.v2(wanted.value())),
            missing(element, RequiresCgroupV1.class, wanted -> Groups.v1(wanted.value())),
            missing(element, RequiresKernel.class, kernel -> kernel(kernel.value())),
            missing(element, RequiresUserNamespaces.class, _ -> userNamespaces()))
        .flatMap(Optional::stream)
        .findFirst()
        .map(ConditionEvaluationResult::disabled)
        .orElseGet(() -> ConditionEvaluationResult.enabled("the machine has all that is required"));
  }

  private static <A extends Annotation> Optional<String> missing(
      AnnotatedElement element, Class<A> type, Function<A, Optional<String>> check) {
    return AnnotationSupport.findAnnotation(element, type).flatMap(check);
  }

  private static Optional<String> root() {
    if (!isRoot()) {
      return Optional.of("needs root");
    }
    long capabilities = Long.parseUnsignedLong(status("CapEff"), 16);
    return (capabilities >> CAP_SYS_ADMIN & 1) == 1
        ? Optional.empty()
        : Optional.of("needs CAP_SYS_ADMIN, which this root lacks");
  }

  private static Optional<String> ordinaryUser() {
    return isRoot() ? Optional.of("needs an ordinary user, this is root") : Optional.empty();
  }

  private static Optional<String> tools(String... names) {
    List<Path> folders =
        Arrays.stream(System.getenv().getOrDefault("PATH", "").split(":")).map(Path::of).toList();
    return Arrays.stream(names)
        .filter(name -> folders.stream().noneMatch(f -> Files.isExecutable(f.resolve(name))))
        .findFirst()
        .map(name -> "needs the program " + name);
  }

  private static Optional<String> kernel(String wanted) {
    String running = read("/proc/sys/kernel/osrelease").strip();
    int[] have = version(running);
    int[] want = version(wanted);
    return Arrays.compare(have, want) >= 0
        ? Optional.empty()
        : Optional.of("needs Linux " + wanted + ", this is " + running);
  }

  private static int[] version(String text) {
    return Arrays.stream(text.split("[^0-9]+"))
        .filter(part -> !part.isEmpty())
        .limit(2)
        .mapToInt(Integer::parseInt)
        .toArray();
  }

  private static Optional<String> userNamespaces() {
    for (String limit :
        List.of(
            "/proc/sys/user/max_user_namespaces", "/proc/sys/kernel/unprivileged_userns_clone")) {
      if (Files.exists(Path.of(limit)) && read(limit).strip().equals("0")) {
        return Optional.of("needs user namespaces, which " + limit + " forbids");
      }
    }
    return Optional.empty();
  }

  private static boolean isRoot() {
    return status("Uid").split("\\s+")[1].equals("0"); // real, effective, saved, file system
  }

  private static String status(String field) {
    return read("/proc/self/status")
        .lines()
        .filter(line -> line.startsWith(field + ":"))
        .map(line -> line.substring(field.length() + 1).strip())
        .findFirst()
        .orElseThrow();
  }

  private static String read(String file) {
    try {
      return Files.readString(Path.of(file));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
