/** Control groups of Linux, v1, v2 and hybrid: hierarchies, limits and statistics. */
package dev.belljar.cgroups;
