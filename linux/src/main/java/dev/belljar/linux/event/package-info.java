/** The threads that start processes and wait for descriptors on behalf of the whole library. */
package dev.belljar.linux.event;
