/** What happens to a group, told as it happens: to listeners, or as a stream that blocks. */
package dev.belljar.cgroups.event;
