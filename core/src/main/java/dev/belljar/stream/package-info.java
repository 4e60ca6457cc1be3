/** The JVM's ends of the pipes to a container's processes. */
package dev.belljar.stream;
