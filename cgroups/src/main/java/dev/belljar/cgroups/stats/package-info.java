/** Readings of a group: all of them as records, or the frequent ones without making garbage. */
package dev.belljar.cgroups.stats;
