package dev.belljar.examples.demonstrations;

import static dev.belljar.namespaces.NamespaceType.MOUNT;

import dev.belljar.Container;
import java.io.IOException;

/** A mount inside, which does not reach the host. */
final class MountDemonstration implements Demonstration {
  @Override
  public void run(Presentation presentation) throws IOException {
    try (Container container = Container.builder().privileged().start()) {
      Shell.inside(container, "mount -t tmpfs belljar-demonstration /mnt && echo it >/mnt/file");
      String mounts = "grep -c belljar-demonstration /proc/self/mountinfo";
      String files = "ls /mnt";
      presentation.show(
          MOUNT, "mounts of that name", Shell.inside(container, mounts), Shell.outside(mounts));
      presentation.show(
          MOUNT, "files in /mnt", Shell.inside(container, files), Shell.outside(files));
      presentation.hold("mounted", container);
    }
  }
}
