/** What a start of a container needs from its namespaces; for the core module only. */
package dev.belljar.namespaces.launch;
