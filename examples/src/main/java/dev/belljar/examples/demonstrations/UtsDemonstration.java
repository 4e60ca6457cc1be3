package dev.belljar.examples.demonstrations;

import static dev.belljar.namespaces.NamespaceType.UTS;

import dev.belljar.Container;
import dev.belljar.namespaces.HostNames;
import dev.belljar.namespaces.Namespace;
import java.io.IOException;

/** Host and domain name, set at the start and changed afterwards: inside, and not outside. */
final class UtsDemonstration implements Demonstration {
  @Override
  public void run(Presentation presentation) throws IOException {
    try (Container container =
        Container.builder()
            .hostname("inside")
            .domainname("inside.example")
            .privileged() // root inside may change them
            .start()) {
      names(container, presentation);
      presentation.hold("set", container);
      Shell.inside(container, "hostname changed");
      try (Namespace uts = container.namespace(UTS)) {
        new HostNames(HostNames.of(uts).hostname(), "changed.example").set(uts);
      }
      names(container, presentation);
      presentation.hold("changed", container);
    }
  }

  private static void names(Container container, Presentation presentation) throws IOException {
    for (String name : new String[] {"hostname", "domainname"}) {
      String script = "cat /proc/sys/kernel/" + name;
      presentation.show(UTS, name, Shell.inside(container, script), Shell.outside(script));
    }
  }
}
