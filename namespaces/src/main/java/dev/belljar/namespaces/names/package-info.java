/** Names of containers: a small DNS responder for each bridge; for this module only. */
package dev.belljar.namespaces.names;
