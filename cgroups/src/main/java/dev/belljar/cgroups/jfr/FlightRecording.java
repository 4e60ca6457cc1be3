package dev.belljar.cgroups.jfr;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import jdk.jfr.EventType;
import jdk.jfr.FlightRecorder;
import jdk.jfr.FlightRecorderListener;
import jdk.jfr.Recording;

/** What the recordings of this JVM want of all watched groups. */
final class FlightRecording implements FlightRecorderListener {
  private static final Set<CgroupRecording> WATCHED = ConcurrentHashMap.newKeySet();

  private static boolean listening;
  private static volatile boolean wantsKills;

  private FlightRecording() {}

  static void add(CgroupRecording group) {
    WATCHED.add(group);
    listen();
    if (wantsKills) {
      group.tellKills(true);
    }
  }

  static void remove(CgroupRecording group) {
    WATCHED.remove(group);
  }

  // On a thread of its own, which ends at once: the classes of jdk.jfr take a millisecond to load,
  // and a start of a container is not to wait for them.
  private static synchronized void listen() {
    if (!listening) {
      listening = true;
      Thread.ofPlatform()
          .daemon()
          .name("JFR belljar-listener")
          .start(() -> {
            if (FlightRecorder.isAvailable()) {
              FlightRecorder.addListener(new FlightRecording());
            }
          });
    }
  }

  @Override
  public void recorderInitialized(FlightRecorder recorder) {
    FlightRecorder.register(CgroupStatisticsEvent.class);
    FlightRecorder.register(CgroupOomKillEvent.class);
    FlightRecorder.addPeriodicEvent(
        CgroupStatisticsEvent.class, () -> WATCHED.forEach(CgroupRecording::emitStatistics));
    lookAtSettings();
  }

  @Override
  public void recordingStateChanged(Recording recording) {
    lookAtSettings();
  }

  private static synchronized void lookAtSettings() {
    boolean kills = EventType.getEventType(CgroupOomKillEvent.class).isEnabled();
    wantsKills = kills;
    boolean statistics = EventType.getEventType(CgroupStatisticsEvent.class).isEnabled();
    for (CgroupRecording group : WATCHED) {
      group.tellKills(kills);
      if (!statistics) {
        group.endStatistics();
      }
    }
  }
}
