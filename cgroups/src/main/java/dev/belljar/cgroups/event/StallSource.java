package dev.belljar.cgroups.event;

import dev.belljar.cgroups.controller.Pressure;
import dev.belljar.cgroups.hierarchy.CgroupDirectory;
import dev.belljar.linux.Errno;
import dev.belljar.linux.LinuxException;
import dev.belljar.linux.call.FileCalls;
import dev.belljar.linux.call.OpenFlags;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;

/**
 * A trigger on a file such as {@code memory.pressure} of version 2; it lasts as long as the file is
 * open.
 */
final class StallSource extends Source {
  private static final String REMEDY =
      "without CAP_SYS_RESOURCE, as an ordinary user, the window must be a multiple of 2 s, and"
          + " Linux 6.4 or later is needed";

  private final StallTrigger trigger;
  private EventFile file;
  private Duration known;

  StallSource(StallTrigger trigger) {
    this.trigger = trigger;
  }

  @Override
  void open(CgroupDirectory group) {
    String name = trigger.resource().file();
    try {
      file = own(EventFile.open(group, name, OpenFlags.O_RDWR | OpenFlags.O_NONBLOCK));
      known = total();
      byte[] text = trigger.toString().getBytes(StandardCharsets.US_ASCII);
      FileCalls.write(file.fd(), text);
    } catch (LinuxException e) {
      boolean privilege = e.is(Errno.EINVAL) || e.is(Errno.EPERM);
      LinuxException clear =
          e.doing("setting the trigger '" + trigger + "' on " + group.path().resolve(name));
      throw privilege ? clear.withRemedy(REMEDY) : clear;
    }
  }

  private Duration total() {
    Pressure pressure = Pressure.parse(file.text());
    Optional<Pressure.Stall> line =
        trigger.share() == StallTrigger.Share.SOME ? pressure.some() : pressure.full();
    return line.map(Pressure.Stall::total).orElse(Duration.ZERO);
  }

  @Override
  void begin(Mailbox out) {
    await(file.fd(), true, out);
  }

  @Override
  void look(Mailbox out) {
    Duration now = total();
    if (now.compareTo(known) > 0) {
      out.put(new CgroupEvent.Stalled(trigger, now.minus(known)));
      known = now;
    }
  }
}
