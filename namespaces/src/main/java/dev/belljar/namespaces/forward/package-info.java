/** Publishing ports of a network namespace: a forwarder in this JVM, without firewall rules. */
package dev.belljar.namespaces.forward;
