/** Network namespaces made ahead, so that containers start faster. */
package dev.belljar.namespaces.pool;
