/**
 * System calls as typed methods, one for each call, grouped by what they act on; their errors are
 * thrown as {@link dev.belljar.linux.LinuxException}. For Belljar's own modules.
 */
package dev.belljar.linux.call;
