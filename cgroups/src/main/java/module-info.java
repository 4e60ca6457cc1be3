/** Control groups of Linux, v1, v2 and hybrid: hierarchies, limits and statistics. */
module dev.belljar.cgroups {
  requires jdk.jfr;
  requires transitive dev.belljar.linux;

  exports dev.belljar.cgroups;
  exports dev.belljar.cgroups.controller;
  exports dev.belljar.cgroups.event;
  exports dev.belljar.cgroups.hierarchy;
  exports dev.belljar.cgroups.jfr;
  exports dev.belljar.cgroups.stats;
  exports dev.belljar.cgroups.launch to
      dev.belljar;
}
