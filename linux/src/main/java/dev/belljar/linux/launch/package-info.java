/** Starting a child process whose work before its exec is data: a program of system calls. */
package dev.belljar.linux.launch;
