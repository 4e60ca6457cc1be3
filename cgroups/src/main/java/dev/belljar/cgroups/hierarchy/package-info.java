/**
 * The mounted trees of control groups, the subsystems on them, and single groups in one of them.
 */
package dev.belljar.cgroups.hierarchy;
