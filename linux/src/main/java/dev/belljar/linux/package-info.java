/** Values that every Belljar module shares: error numbers, descriptors, signals, mounts. */
package dev.belljar.linux;
