package dev.belljar.examples.demonstrations;

import static dev.belljar.namespaces.NamespaceType.TIME;

import dev.belljar.Container;
import java.io.IOException;
import java.time.Duration;

/** A clock that is ahead inside. */
final class TimeDemonstration implements Demonstration {
  @Override
  public void run(Presentation presentation) throws IOException {
    try (Container container =
        Container.builder().clocks(Duration.ZERO, Duration.ofDays(100)).start()) {
      String uptime = "read up rest < /proc/uptime; echo ${up%.*} s";
      presentation.show(TIME, "up since", Shell.inside(container, uptime), Shell.outside(uptime));
      String namespace = "readlink /proc/self/ns/time";
      presentation.show(
          TIME, "namespace", Shell.inside(container, namespace), Shell.outside(namespace));
      presentation.hold("ahead", container);
    }
  }
}
