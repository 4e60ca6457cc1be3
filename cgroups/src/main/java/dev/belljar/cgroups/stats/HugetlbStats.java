package dev.belljar.cgroups.stats;

import dev.belljar.cgroups.controller.Limit;
import java.util.OptionalLong;

/**
 * Huge pages of one size that a group and those below it use, in bytes.
 *
 * @param usage what it uses
 * @param limit what it may use
 * @param peak the most it used; empty on version 2, which does not count it
 * @param failures how often the limit was in the way
 * @param reserved what it has reserved; empty before Linux 5.7
 */
public record HugetlbStats(
    long usage, Limit limit, OptionalLong peak, OptionalLong failures, OptionalLong reserved) {}
