/** What a start of a container needs from its root directory; for the core module only. */
package dev.belljar.rootfs.launch;
