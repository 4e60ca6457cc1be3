package dev.belljar.cgroups.jfr;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/** Processes of a group were killed for lack of memory. */
@Name("belljar.CgroupOomKill")
@Label("Cgroup OOM Kill")
@Description("The kernel killed processes of a control group for lack of memory")
@Category({"Belljar", "Cgroup"})
@StackTrace(false)
final class CgroupOomKillEvent extends Event {
  @Label("Cgroup")
  String cgroup = "";

  @Label("Killed")
  @Description("How many processes")
  long count;

  @Label("Killed in All")
  @Description("How many processes since the group was made")
  long total;
}
