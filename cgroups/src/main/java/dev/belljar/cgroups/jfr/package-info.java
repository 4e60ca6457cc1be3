/**
 * Groups in the JDK's flight recordings, so that JDK Mission Control plots a container beside the
 * JVM.
 *
 * <p>{@code belljar.CgroupStatistics} comes once a second for each watched group, unless the
 * recording's settings say another period; {@code belljar.CgroupOomKill} for each process of a
 * group that is killed for lack of memory. Every open {@code Cgroup} of this library is watched
 * without being asked. While no recording runs that has these events enabled, nothing is opened,
 * read or waited for.
 */
package dev.belljar.cgroups.jfr;
