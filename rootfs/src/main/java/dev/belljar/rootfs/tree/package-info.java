/** Walks through trees of files, names as bytes and any depth, without following a link. */
package dev.belljar.rootfs.tree;
