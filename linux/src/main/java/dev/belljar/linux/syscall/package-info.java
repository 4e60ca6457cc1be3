/** The one downcall that every system call goes through, and memory for its arguments. */
package dev.belljar.linux.syscall;
