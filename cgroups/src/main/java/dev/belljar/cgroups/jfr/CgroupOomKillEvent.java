package dev.belljar.cgroups.jfr;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/** A process of a group was killed for lack of memory. */
@Name("belljar.CgroupOomKill")
@Label("Cgroup OOM Kill")
@Description("The kernel killed a process of a control group for lack of memory")
@Category({"Belljar", "Cgroup"})
@StackTrace(false)
final class CgroupOomKillEvent extends Event {
  @Label("Cgroup")
  String cgroup = "";

  @Label("Number")
  @Description("How many of the group had been killed then, with this one, since it was made")
  long number;
}
