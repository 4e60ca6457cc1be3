package dev.belljar.cgroups;

/**
 * What an update of limits may do that is refused otherwise. None leaves out what cannot be set:
 * that is for groups to be made ({@link CgroupRequest#lenient()}), while an update is done as a
 * whole or not at all.
 */
public enum UpdateOption {
  /**
   * Lower the memory limit of a version 2 group below what it uses, which makes the kernel kill its
   * processes until it fits. (Version 1 refuses such a limit with EBUSY when it cannot reclaim.)
   */
  MAY_KILL
}
