/**
 * Puts containers into networks and takes back what that needed; for the core module only.
 *
 * <p>Nothing is kept in files: what a bridge's containers are, and which addresses they have, is
 * what the kernel's own objects say. So it holds across JVMs, and ends with them.
 */
package dev.belljar.namespaces.attach;
