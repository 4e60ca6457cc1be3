/** Namespaces of Linux: kinds, handles, id maps and the network inside. */
package dev.belljar.namespaces;
