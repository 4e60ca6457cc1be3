/** What a container sees as its root directory. */
package dev.belljar.rootfs;
