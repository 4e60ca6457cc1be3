package dev.belljar.cgroups.coverage;

import java.util.Arrays;
import java.util.stream.Stream;

/**
 * A test that covers control files, as records name it: {@code controller.CpuV1Test#method}.
 *
 * @param type its class, named from this module's package on
 * @param method its method
 */
record CoveringTest(String type, String method) {
  private static final String MODULE = "dev.belljar.cgroups.";

  static CoveringTest of(Class<?> type, String method) {
    return new CoveringTest(type.getName().substring(MODULE.length()), method);
  }

  static CoveringTest parse(String text) {
    int hash = text.indexOf('#');
    return new CoveringTest(text.substring(0, hash), text.substring(hash + 1));
  }

  /** The name of its class alone. */
  String simpleName() {
    return type.substring(type.lastIndexOf('.') + 1);
  }

  /** The files whose effect it proves today; none if there is no such test any more. */
  Stream<String> proves() {
    try {
      return Arrays.stream(Class.forName(MODULE + type).getDeclaredMethods())
          .filter(each -> each.getName().equals(method) && each.isAnnotationPresent(Proves.class))
          .flatMap(each -> Arrays.stream(each.getAnnotation(Proves.class).value()));
    } catch (ClassNotFoundException gone) {
      return Stream.empty();
    }
  }

  @Override
  public String toString() {
    return type + "#" + method;
  }
}
