package dev.belljar.cgroups.stats;

import dev.belljar.cgroups.controller.Limit;
import java.util.OptionalLong;

/**
 * Processes and threads of a group and those below it.
 *
 * @param current how many there are
 * @param limit how many there may be
 * @param peak the most there were; empty before Linux 6.1
 * @param breaches how often one could not be made because of the limit
 */
public record PidsStats(long current, Limit limit, OptionalLong peak, OptionalLong breaches) {}
