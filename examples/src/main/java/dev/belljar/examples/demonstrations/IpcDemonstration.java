package dev.belljar.examples.demonstrations;

import static dev.belljar.namespaces.NamespaceType.IPC;

import dev.belljar.Container;
import java.io.IOException;

/** Message queues: invisible outside, and others behind the same identifier and the same name. */
final class IpcDemonstration implements Demonstration {
  private static final String QUEUES =
      "tail -n +2 /proc/sysvipc/msg | while read key id rest; do echo \"id $id key $key\"; done";
  private static final String MAKE = "ipcmk -Q";
  private static final String POSIX_QUEUES = "ls /dev/mqueue 2>/dev/null";
  private static final String POSIX_QUEUE = "/dev/mqueue/belljar-demonstration";
  private static final String IDENTITY =
      "stat -c 'device %d, inode %i' " + POSIX_QUEUE + " 2>/dev/null";

  @Override
  public void run(Presentation presentation) throws IOException {
    try (Container one = Container.builder().start();
        Container another = Container.builder().start()) {
      if (Shell.has("ipcmk") && Shell.has("ipcrm")) {
        systemV(one, another, presentation);
      } else {
        presentation.say(IPC, "System V queues", "needs ipcmk and ipcrm");
      }
      posix(one, another, presentation);
    }
  }

  private static void systemV(Container one, Container another, Presentation presentation)
      throws IOException {
    Shell.inside(one, MAKE);
    presentation.show(IPC, "System V queues", Shell.inside(one, QUEUES), Shell.outside(QUEUES));
    presentation.hold("queue", one);
    Shell.inside(another, MAKE);
    presentation.showTwo(
        IPC, "one identifier, two queues", Shell.inside(one, QUEUES), inside(another));
    presentation.hold("two queues", one, another);
    Shell.inside(one, "ipcrm -q $(tail -n 1 /proc/sysvipc/msg | { read key id rest; echo $id; })");
    presentation.showTwo(IPC, "one is removed", Shell.inside(one, QUEUES), inside(another));
    presentation.hold("one queue", one, another);
  }

  private static String inside(Container container) throws IOException {
    return Shell.inside(container, QUEUES);
  }

  private static void posix(Container one, Container another, Presentation presentation)
      throws IOException {
    Shell.inside(one, "touch " + POSIX_QUEUE);
    presentation.show(
        IPC, "POSIX queues", Shell.inside(one, POSIX_QUEUES), Shell.outside(POSIX_QUEUES));
    presentation.hold("POSIX queue", one, another);
    Shell.inside(another, "touch " + POSIX_QUEUE);
    presentation.showTwo(
        IPC, "one name, two queues", Shell.inside(one, IDENTITY), Shell.inside(another, IDENTITY));
    presentation.hold("two POSIX queues", one, another);
    Shell.inside(one, "rm " + POSIX_QUEUE);
    presentation.showTwo(
        IPC,
        "one of that name is removed",
        Shell.inside(one, POSIX_QUEUES),
        Shell.inside(another, POSIX_QUEUES));
    presentation.hold("one POSIX queue", one, another);
  }
}
