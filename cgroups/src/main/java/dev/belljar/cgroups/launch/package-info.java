/** What a start of a container needs from its control groups; for the core module only. */
package dev.belljar.cgroups.launch;
