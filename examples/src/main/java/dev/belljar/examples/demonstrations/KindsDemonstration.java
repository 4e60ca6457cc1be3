package dev.belljar.examples.demonstrations;

import static dev.belljar.namespaces.NamespaceType.IPC;
import static dev.belljar.namespaces.NamespaceType.MOUNT;
import static dev.belljar.namespaces.NamespaceType.NET;
import static dev.belljar.namespaces.NamespaceType.PID;
import static dev.belljar.namespaces.NamespaceType.USER;
import static dev.belljar.namespaces.NamespaceType.UTS;

import dev.belljar.Container;
import dev.belljar.namespaces.NamespaceType;
import dev.belljar.namespaces.Namespaces;
import java.io.IOException;
import java.util.List;
import java.util.stream.Collectors;

/** Six kinds of namespaces at once, made by one clone, and each kind apart. */
final class KindsDemonstration implements Demonstration {
  private static final List<NamespaceType> SIX = List.of(PID, MOUNT, UTS, IPC, NET, USER);

  @Override
  public void run(Presentation presentation) throws IOException {
    try (Container container =
        Container.builder().namespaces(SIX.toArray(NamespaceType[]::new)).start()) {
      container.plan().steps().stream()
          .filter(step -> step.call().contains("clone3("))
          .map(step -> step.call() + ", " + step.purpose())
          .forEach(clone -> presentation.say(USER, "six kinds, one clone", clone));
      for (NamespaceType type : SIX) {
        presentation.show(
            type, "namespace", Shell.inside(container, link(type)), Shell.outside(link(type)));
      }
      presentation.hold("six kinds", container);
    }
    for (NamespaceType type : SIX) {
      apart(type, presentation);
    }
    if (!presentation.isRoot()) {
      presentation.say(USER, "each kind apart", "needs root: here each is made with USER");
    }
    presentation.say(
        USER, "on this machine", Namespaces.all().size() + " namespaces that this user can see");
  }

  private static void apart(NamespaceType type, Presentation presentation) throws IOException {
    try (Container container = Container.builder().namespaces(type).start()) {
      presentation.show(type, "made apart", own(container), Shell.outside(link(type)));
      presentation.hold("apart", container);
    }
  }

  /** The kinds that are others inside than outside. */
  private static String own(Container container) throws IOException {
    String script = SIX.stream().map(KindsDemonstration::link).collect(Collectors.joining("; "));
    List<String> outside = Shell.outside(script).lines().toList();
    return Shell.inside(container, script)
        .lines()
        .filter(namespace -> !outside.contains(namespace))
        .collect(Collectors.joining(" "));
  }

  private static String link(NamespaceType type) {
    return "readlink /proc/self/ns/" + type.fileName();
  }
}
